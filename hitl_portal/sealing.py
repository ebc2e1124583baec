"""Keeps secrets unreadable at rest: text sealed with a key of the keyring, another one for each purpose.

HITL_SECRET_KEYS names the keys, `id:secret` each: the first one seals, all of them open. A sealed text says the id of
its key before the first colon. Without that setting SECRET_KEY seals, and it opens what says its id, or none (as texts
of before there were ids), and so do the SECRET_KEY_FALLBACKS. `resealing` moves everything under the key of now.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

# The id of the key that is drawn from SECRET_KEY.
OWN_ID = "secret-key"


class Unreadable(Exception):
    """It was sealed for another purpose, or with a key that is no longer known."""


def seal(text: str, purpose: str) -> str:
    """Encrypt; only `unseal` with the same purpose reads it again."""
    name, secrets = next(iter(_keyring().items()))
    return f"{name}:{_box(secrets[:1], purpose).encrypt(text.encode()).decode()}"


def unseal(sealed: str, purpose: str) -> str:
    """Decrypt what `seal` made, or raise Unreadable."""
    name, token = _parts(sealed)
    try:
        return _box(_keyring()[name], purpose).decrypt(token.encode()).decode()
    except (KeyError, InvalidToken):
        raise Unreadable(f"What was sealed for {purpose} cannot be read with the keys of now") from None


def is_current(sealed: str, purpose: str) -> bool:
    """Whether the key that seals now has sealed it, and its text says so."""
    name, secrets = next(iter(_keyring().items()))
    if not sealed.startswith(f"{name}:"):
        return False
    try:
        _box(secrets[:1], purpose).decrypt(_parts(sealed)[1].encode())
    except InvalidToken:
        return False
    return True


def named_keys() -> dict[str, list[str | bytes]]:
    """HITL_SECRET_KEYS by their ids. Raises ValueError, which never tells a secret, for what is no `id:secret`."""
    keys: dict[str, list[str | bytes]] = {}
    for number, said in enumerate(settings.HITL_SECRET_KEYS, 1):
        name, _, secret = said.partition(":")
        if not secret or not name.replace("-", "").isalnum() or not name.isascii():
            raise ValueError(f"number {number} is not an id of letters, digits and -, a colon and a secret")
        if name in keys or name == OWN_ID:
            raise ValueError(f"the id {name} is taken")
        keys[name] = [secret]
    return keys


def drawn(purpose: str) -> dict[str, list[bytes]]:
    """Keys of the ring for signing, another one for each purpose, by their ids: the first of the first id signs, all of
    an id's count."""
    return {name: [_drawn(secret, purpose) for secret in secrets] for name, secrets in _keyring().items()}


def _keyring() -> dict[str, list[str | bytes]]:
    """The secrets of each key id; the first id seals, with its first secret."""
    return named_keys() | {OWN_ID: [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]}


def _parts(sealed: str) -> tuple[str, str]:
    name, colon, token = sealed.partition(":")
    return (name, token) if colon else (OWN_ID, sealed)


def _box(secrets: list[str | bytes], purpose: str) -> MultiFernet:
    return MultiFernet([_key(secret, purpose) for secret in secrets])


def _key(secret: str | bytes, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(_drawn(secret, purpose)))


def _drawn(secret: str | bytes, purpose: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hitl-portal:{purpose}".encode())
    return derived.derive(force_bytes(secret))
