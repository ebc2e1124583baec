"""A passkey of software, and people who have one."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from fido2.cose import ES256, CoseKey
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from hitl_portal.inbox import gate
from tests.hitl_portal.api.conftest import call as call  # noqa: PLC0414  a fixture of theirs
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.models import Requirement

RP, ORIGIN = "localhost", "http://localhost:8000"
FLAG = AuthenticatorData.FLAG
NOBODY, PRESENT, VERIFIED = FLAG(0), FLAG.UP, FLAG.UV


@dataclass(kw_only=True)
class Passkey:
    """Signs what it is asked for, whoever asks: the server is what is tested. `flags` say whom it has recognised."""

    flags: AuthenticatorData.FLAG = PRESENT | VERIFIED
    origin: str = ORIGIN
    rp: str = RP
    type: str = "webauthn.get"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def belongs_to(self, person: User) -> "Passkey":
        """Set it up, as allauth keeps it."""
        key: CoseKey = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        known = AttestedCredentialData.create(Aaguid(b"\0" * 16), self.id, key)
        rp_hash = hashlib.sha256(self.rp.encode()).digest()
        data = AuthenticatorData.create(rp_hash, PRESENT | VERIFIED | FLAG.AT, 0, known)
        response = {
            "clientDataJSON": websafe_encode(b'{"type":"webauthn.create","challenge":"","origin":""}'),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        told = {"id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key"}
        credential = told | {"response": response, "clientExtensionResults": {}}
        kept = {"name": "Key", "credential": credential}
        Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=kept)
        return self

    def sign(self, challenge: str) -> str:
        """What the browser sends: the assertion as JSON."""
        client = json.dumps({"type": self.type, "challenge": challenge, "origin": self.origin}).encode()
        rp_hash = hashlib.sha256(self.rp.encode()).digest()
        data = bytes(AuthenticatorData.create(rp_hash, self.flags, 1))
        message = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(message, ec.ECDSA(SHA256()))),
        }
        told = {"id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key"}
        return json.dumps(told | {"response": response, "clientExtensionResults": {}})


@dataclass(frozen=True, kw_only=True)
class Card:
    """The card of a requirement in somebody's browser."""

    requirement: Requirement
    client: Client

    def typed(self, action: str = "approve", **said: Any) -> dict[str, Any]:
        """What its form says; everything that was folded has been opened."""
        folds = gate_of(self.requirement)
        return {"revision": self.requirement.revision, "action": action, "feedback": ""} | folds | said

    def offer(self, **said: Any) -> dict[str, Any]:
        """What is to be signed."""
        told: dict[str, Any] = self.post("offer", self.typed(**said)).json()
        return told

    def decide(self, passkey: Passkey, **said: Any) -> Any:
        """Sign it, and send it."""
        offer = self.offer(**said)
        signature = passkey.sign(offer["publicKey"]["challenge"])
        return self.send(offered=offer["offered"], signature=signature, **said)

    def send(self, **said: Any) -> Any:
        """Send the form."""
        return self.post("decide", self.typed(**said))

    def post(self, door: str, said: dict[str, Any]) -> Any:
        return self.client.post(f"/requirements/{self.requirement.pk}/{door}/", said)


def gate_of(requirement: Requirement) -> dict[str, str]:
    return {"folds": gate.sealed(requirement.pk, requirement.revision, []), "seen": ""}


@pytest.fixture
def passkey(reviewer: User) -> Passkey:
    return Passkey().belongs_to(reviewer)


@pytest.fixture
def card(ask: Ask, as_: SignIn, reviewer: User, settings: LazySettings) -> Card:
    """Something of a high risk, which is signed."""
    settings.HITL_SIGNED_DECISIONS = "high-risk"
    requirement = ask(content="Pay the invoice")
    Requirement.objects.filter(pk=requirement.pk).update(risk="high", policy={"risk": "high"})
    requirement.refresh_from_db()
    return Card(requirement=requirement, client=as_(reviewer))


def bytes_of(text: str) -> bytes:
    """What a browser makes of a challenge."""
    return websafe_decode(text)
