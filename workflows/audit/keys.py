"""Keys: with which checkpoints and receipts are signed, and which of old ones are trusted.

The key is drawn from HITL_AUDIT_KEY, a secret of its own, or where that is not set from SECRET_KEY; so all processes of
an installation have it, and none has to be kept in a file. After one of them has changed, what the old key signed
counts while its secret is among SECRET_KEY_FALLBACKS, or its public half in HITL_AUDIT_PUBLIC_KEYS.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from workflows.audit.signing import public


def signing_key() -> Ed25519PrivateKey:
    """The one that signs."""
    return _drawn(_own_secret() or settings.SECRET_KEY)


def trusted_keys() -> set[str]:
    """The public halves of all whose signature counts."""
    secrets = [_own_secret(), settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    own = {public(_drawn(secret)) for secret in secrets if secret}
    return own | set(getattr(settings, "HITL_AUDIT_PUBLIC_KEYS", ()))


def _own_secret() -> str:
    return str(getattr(settings, "HITL_AUDIT_KEY", ""))


def _drawn(secret: str | bytes) -> Ed25519PrivateKey:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"hitl-portal:audit")
    return Ed25519PrivateKey.from_private_bytes(derived.derive(force_bytes(secret)))
