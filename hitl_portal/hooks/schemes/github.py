"""GitHub's form: `X-Hub-Signature-256` over the body alone, which signs neither a time nor the id of the delivery."""

import secrets as random
from collections.abc import Sequence
from typing import Any

from hitl_portal.hooks.schemes.message import Message, Scheme, hexes, require_one

SECRET_BYTES = 32


def verify(message: Message, secrets: Sequence[str]) -> None:
    """One of the secrets has signed the body."""
    expected = [f"sha256={digest}" for digest in hexes(secrets, message.body)]
    require_one([message.header("x-hub-signature-256")], expected)


def id_of(message: Message, payload: Any) -> str:
    """The id of the delivery, which GitHub keeps when somebody delivers it again."""
    del payload
    return message.header("x-github-delivery")


def greeting(message: Message, payload: Any) -> dict[str, Any] | None:
    """What GitHub sends when a webhook is made."""
    del payload
    return {"status": "pong"} if message.header("x-github-event") == "ping" else None


def new_secret() -> str:
    """A secret to paste into GitHub's form."""
    return random.token_urlsafe(SECRET_BYTES)


SCHEME = Scheme(
    verify=verify,
    id_of=id_of,
    new_secret=new_secret,
    shown=("x-github-delivery", "x-github-event", "x-github-hook-id"),
    greeting=greeting,
)
