"""Signature: whether somebody's passkey has signed a decision. Needs no portal, no database, no library of WebAuthn.

What was signed is a statement of the decision: its digest was the challenge that the browser handed to the passkey. The
steps are those of the standard (Web Authentication, "Verifying an Authentication Assertion"), as far as they can be
taken later: type, challenge, origin, relying party, that a person was there and was recognised, and the signature.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from workflows.canonical import canonical

KIND = "HITL Portal signed decision 1"
# What the statement says of a decision.
SAID = ("requirement", "revision", "action", "digest", "words", "who")
RECOGNISED = 0b101  # a person was present, and verified
HASHES: dict[int, HashAlgorithm] = {256: SHA256(), 384: SHA384(), 521: SHA512()}


class NotProven(Exception):
    """It does not prove that this was signed; the text is why."""


def statement(decision: Mapping[str, Any], at: str) -> dict[str, Any]:
    """What somebody signs: which answer to which revision of what, what would be passed on, and their words' digest."""
    return {"kind": KIND, "at": at} | {name: decision[name] for name in SAID}


def challenge(said: Mapping[str, Any]) -> bytes:
    """The digest of a statement, which the passkey signs."""
    return hashlib.sha256(canonical(dict(said))).digest()


def check(signed: Mapping[str, Any], decision: Mapping[str, Any]) -> None:
    """Raise NotProven unless the holder of the key has signed this very decision, given under the names of SAID."""
    try:
        said = signed["statement"]
        if said != statement(decision, said["at"]):
            raise NotProven("what was signed is another decision")
        data, client = bytes.fromhex(signed["authenticator_data"]), signed["client_data"]
        _check_client(json.loads(client), said, signed["rp"])
        _check_authenticator(data, signed["rp"])
        message = data + hashlib.sha256(client.encode()).digest()
        _verify(bytes.fromhex(signed["public_key"]), bytes.fromhex(signed["signature"]), message)
    except InvalidSignature:
        raise NotProven("the signature is not that of its key") from None
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotProven(f"it is no signature: {wrong!r}") from None


def fingerprint(public_key: str) -> str:
    """By what people compare keys."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def _check_client(client: Mapping[str, Any], said: Mapping[str, Any], rp: str) -> None:
    """What the browser says that it has asked the passkey for."""
    wanted = urlsafe_b64encode(challenge(said)).rstrip(b"=").decode()
    host = urlsplit(client["origin"]).hostname or ""
    if client["type"] != "webauthn.get" or client["challenge"].rstrip("=") != wanted:
        raise NotProven("the passkey was asked to sign something else")
    if host != rp and not host.endswith(f".{rp}"):
        raise NotProven(f"it was signed on another site: {host}")


def _check_authenticator(data: bytes, rp: str) -> None:
    if data[:32] != hashlib.sha256(rp.encode()).digest():
        raise NotProven("it was signed for another site")
    if data[32] & RECOGNISED != RECOGNISED:
        raise NotProven("the passkey has not recognised anybody")


def _verify(key: bytes, signature: bytes, message: bytes) -> None:
    match load_der_public_key(key):
        case EllipticCurvePublicKey() as curve:
            curve.verify(signature, message, ECDSA(HASHES[curve.key_size]))
        case Ed25519PublicKey() as edwards:
            edwards.verify(signature, message)
        case RSAPublicKey() as rsa:
            rsa.verify(signature, message, PKCS1v15(), SHA256())
        case other:
            raise NotProven(f"keys of this kind are not known here: {type(other).__name__}")
