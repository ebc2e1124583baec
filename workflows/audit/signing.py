"""Signing: Ed25519 over canonical JSON; keys and signatures are text, in hexadecimal digits."""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflows.canonical import canonical


def public(key: Ed25519PrivateKey) -> str:
    """What others need for checking."""
    return key.public_key().public_bytes_raw().hex()


def sign(key: Ed25519PrivateKey, data: Any) -> str:
    """The signature of data."""
    return key.sign(canonical(data)).hex()


def is_signed(key: str, data: Any, signature: str) -> bool:
    """Whether the holder of a key, given as its public half, has signed these data."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), canonical(data)
        )
    except (InvalidSignature, ValueError):
        return False
    return True
