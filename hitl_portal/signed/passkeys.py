"""Passkeys: those that a person has set up (allauth keeps them), what one is asked to sign, and what comes back.

The challenge is the digest of what is decided, and not a random number: nothing else can be made of the signature.
"""

import json
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from workflows.audit.signature import challenge
from workflows.errors import NotSigned

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Who is there must be recognised, by a finger, a face or a PIN: a passkey that somebody has left behind is not enough.
VERIFIED = UserVerificationRequirement.REQUIRED
CURVES: dict[int, type[EllipticCurve]] = {1: SECP256R1, 2: SECP384R1, 3: SECP521R1}
LONGEST = 20_000


def asked(person: "User", said: dict[str, Any]) -> dict[str, Any] | None:
    """What the browser asks a passkey of this person for, JSON-clean; None for who has none. One query."""
    known = _credentials(person)
    if not known:
        return None
    options, _ = _server().authenticate_begin(known, user_verification=VERIFIED, challenge=challenge(said))
    told: dict[str, Any] = json.loads(json.dumps(dict(options)["publicKey"], default=dict))
    return told


def proof(person: "User", said: dict[str, Any], sent: str) -> dict[str, Any]:
    """What `workflows.audit.signature` checks later. Raises NotSigned unless a passkey of this person's signed it."""
    state = {"challenge": websafe_encode(challenge(said)), "user_verification": VERIFIED}
    try:
        answer = AuthenticationResponse.from_dict(json.loads(sent[:LONGEST]))
        credential = _server().authenticate_complete(state, _credentials(person), answer)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise NotSigned(f"no passkey of {person.get_username()} has signed this: {wrong}") from None
    return {
        "statement": said,
        "rp": _server().rp.id,
        "credential": answer.id,
        "public_key": _public_key(credential.public_key).hex(),
        "authenticator_data": bytes(answer.response.authenticator_data).hex(),
        "client_data": bytes(answer.response.client_data).decode(),
        "signature": answer.response.signature.hex(),
    }


def _server() -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity()))


def _credentials(person: "User") -> list[AttestedCredentialData]:
    kept = Authenticator.objects.filter(user=person.pk, type=Authenticator.Type.WEBAUTHN)
    found = (each.wrap().authenticator_data.credential_data for each in kept)
    return [credential for credential in found if credential]


def _public_key(cose: Any) -> bytes:
    """A key as everybody reads it (DER), of how authenticators write it (RFC 9052 and 9053)."""
    match cose[1]:
        case 1:
            key: Any = Ed25519PublicKey.from_public_bytes(cose[-2])
        case 2:
            x, y = int.from_bytes(cose[-2]), int.from_bytes(cose[-3])
            key = EllipticCurvePublicNumbers(x, y, CURVES[cose[-1]]()).public_key()
        case 3:
            key = RSAPublicNumbers(int.from_bytes(cose[-2]), int.from_bytes(cose[-1])).public_key()
        case other:
            raise NotSigned(f"keys of kind {other} cannot be kept")
    der: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der
