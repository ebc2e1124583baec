"""Slack's form: `X-Slack-Signature: v0=…` over version, time and body, with the app's signing secret."""

import hashlib
from collections.abc import Sequence
from typing import Any

from hitl_portal.hooks.schemes.message import Message, Scheme, hexes, require_now, require_one


def verify(message: Message, secrets: Sequence[str]) -> None:
    """One of the secrets has signed time and body, within five minutes of now."""
    expected = [f"v0={digest}" for digest in hexes(secrets, _signed(message))]
    require_one([message.header("x-slack-signature")], expected)
    require_now(message.header("x-slack-request-timestamp"), "X-Slack-Request-Timestamp")


def id_of(message: Message, payload: Any) -> str:
    """The event's id; of a command or a button its trigger; else a digest of what was signed."""
    for name in ("event_id", "trigger_id"):
        named = payload.get(name) if isinstance(payload, dict) else None
        if isinstance(named, str) and named:
            return named
    return hashlib.sha256(_signed(message)).hexdigest()


def greeting(message: Message, payload: Any) -> dict[str, Any] | None:
    """What Slack sends when the address is entered: it wants its challenge back."""
    del message
    if not isinstance(payload, dict) or payload.get("type") != "url_verification":
        return None
    return {"challenge": str(payload.get("challenge", ""))}


def _signed(message: Message) -> bytes:
    return b"v0:" + message.header("x-slack-request-timestamp").encode() + b":" + message.body


SCHEME = Scheme(
    verify=verify,
    id_of=id_of,
    new_secret=None,
    shown=("x-slack-request-timestamp", "x-slack-retry-num", "x-slack-retry-reason"),
    greeting=greeting,
)
