"""A message as it came over the wire, and what all schemes ask of it."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hitl_portal.problems import Problem

TOLERANCE = 5 * 60


@dataclass(frozen=True, kw_only=True)
class Message:
    """Headers with names in lower case, and the body, byte for byte."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; empty where it is not there."""
        return self.headers.get(name, "")


def _greets_never(_message: Message, _payload: Any) -> dict[str, Any] | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How one kind of program signs. `verify` raises Problem for what none of the secrets has signed.

    `id_of` is what a message keeps when it is sent again; `greeting` is the answer to a message that only tries whether
    somebody is there; `shown` are the headers of it that a log may show; without a `new_secret`, the other side makes
    them.
    """

    verify: Callable[[Message, Sequence[str]], None]
    id_of: Callable[[Message, Any], str]
    new_secret: Callable[[], str] | None
    shown: tuple[str, ...]
    greeting: Callable[[Message, Any], dict[str, Any] | None] = _greets_never


def hexes(secrets: Iterable[str], signed: bytes) -> list[str]:
    """The HMAC-SHA256 of what is signed with each of the secrets, in hex."""
    return [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]


def require_one(sent: Iterable[str], expected: Sequence[str]) -> None:
    """Refuse unless one of the signatures that were sent is expected; takes the same time wherever they differ."""
    pairs = [(one.encode(), other.encode()) for one in sent for other in expected]
    if not any(hmac.compare_digest(one, other) for one, other in pairs):
        raise Problem("bad-signature", "The headers do not sign this body")


def require_now(sent: str, said: str) -> None:
    """Refuse a time, in seconds since 1970, that is more than five minutes from now."""
    if not (sent.isascii() and sent.isdecimal() and len(sent) < 16):
        raise Problem("bad-signature", f"The {said} is no time in seconds")
    if abs(time.time() - int(sent)) > TOLERANCE:
        raise Problem("timestamp", f"The {said} is more than five minutes from now")
