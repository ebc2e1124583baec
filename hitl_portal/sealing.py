"""Keeps secrets unreadable at rest: text sealed with a key drawn from the portal's SECRET_KEY, one per purpose.

After SECRET_KEY was changed, what the old one sealed opens while that one is among SECRET_KEY_FALLBACKS.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class Unreadable(Exception):
    """It was sealed for another purpose, or with a key that is no longer known."""


def seal(text: str, purpose: str) -> str:
    """Encrypt; only `unseal` with the same purpose reads it again."""
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """Decrypt what `seal` made, or raise Unreadable."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(f"What was sealed for {purpose} cannot be read with the keys of now") from None


def _keys(purpose: str) -> MultiFernet:
    return MultiFernet(
        [_key(secret, purpose) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hitl-portal:{purpose}".encode())
    return Fernet(urlsafe_b64encode(derived.derive(force_bytes(secret))))
