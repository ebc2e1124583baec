"""Tokens: the id of a key, 160 random bits, and a signature over these and over what the link is bound to.

Only a digest of the random bits is kept: who reads the database has no link. The signature binds a token to its row as
it was: who writes there turns it into no link about something else, or of somebody else. A new key signs new links,
and those of before count as long as their key is on the ring.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Self

from hitl_portal.links.models import AnswerLink
from hitl_portal.sealing import drawn

PURPOSE = "answer-link"
RANDOM_BYTES = 20
FORM = re.compile(
    r"(?P<key>[A-Za-z0-9-]{1,64})\.(?P<random>[A-Za-z0-9_-]{27})\.(?P<signature>[A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True, kw_only=True)
class Token:
    """The parts of a token."""

    key: str
    random: str
    signature: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what has not the form of a token."""
        found = FORM.fullmatch(text)
        return cls(**found.groupdict()) if found else None

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return digest_of(self.random)

    def fits(self, link: AnswerLink) -> bool:
        """Whether one of our keys has signed it for this link as it stands there."""
        keys = drawn(PURPOSE).get(self.key, [])
        signed = [_signature(key, self.key, self.random, link) for key in keys]
        return any(hmac.compare_digest(one, self.signature) for one in signed)


def new_random() -> str:
    """The secret part of a new token."""
    return _text(secrets.token_bytes(RANDOM_BYTES))


def digest_of(random: str) -> str:
    """What is kept of it; it is long enough to need no salt."""
    return hashlib.sha256(random.encode()).hexdigest()


def signed(random: str, link: AnswerLink) -> str:
    """The whole token of a link."""
    name, keys = next(iter(drawn(PURPOSE).items()))
    return f"{name}.{random}.{_signature(keys[0], name, random, link)}"


def _signature(key: bytes, name: str, random: str, link: AnswerLink) -> str:
    bound = (name, random, link.requirement_id, link.revision, link.person_id, link.expires_at.timestamp())
    return _text(hmac.new(key, "\n".join(map(str, bound)).encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
