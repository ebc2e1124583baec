"""Second factors: their secrets are sealed at rest, and they belong to the address by which the portal is known."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from hitl_portal.accounts.browsers import name_of
from hitl_portal.sealing import seal, unseal

PURPOSE = "second factors"
NAME = "HITL Portal"


class FactorAdapter(DefaultMFAAdapter):
    """What allauth asks about second factors."""

    def encrypt(self, text: str) -> str:
        """Seal what an authenticator app and the recovery codes are made of."""
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Unreadable where the key is gone: then the factor opens nothing."""
        return unseal(encrypted_text, PURPOSE)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: ARG002
        """What a new passkey is called until its owner says: after the browser that makes it."""
        return name_of(context.request.headers.get("user-agent", ""))

    def get_totp_issuer(self) -> str:
        """What an authenticator app calls the portal."""
        return f"{NAME} ({settings.PUBLIC.netloc})"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to this host, whatever a request says."""
        return {"id": settings.PUBLIC.hostname or "localhost", "name": NAME}
