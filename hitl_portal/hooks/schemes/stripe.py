"""Stripe's form: `Stripe-Signature: t=…,v1=…`, a time and signatures of it and the body; the id is the event's."""

from collections.abc import Sequence
from typing import Any

from hitl_portal.hooks.schemes.message import Message, Scheme, hexes, require_now, require_one


def verify(message: Message, secrets: Sequence[str]) -> None:
    """One of the secrets has signed time and body, within five minutes of now."""
    parts = [part.strip().partition("=") for part in message.header("stripe-signature").split(",")]
    sent = next((value for name, _, value in parts if name == "t"), "")
    expected = hexes(secrets, sent.encode() + b"." + message.body)
    require_one([value for name, _, value in parts if name == "v1"], expected)
    require_now(sent, "time of the Stripe-Signature")


def id_of(message: Message, payload: Any) -> str:
    """The event's id, which stands in the body."""
    del message
    named = payload.get("id") if isinstance(payload, dict) else None
    return named if isinstance(named, str) else ""


SCHEME = Scheme(verify=verify, id_of=id_of, new_secret=None, shown=())
