"""Reads a post: its size, its signature, its JSON. Starts nothing."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest

from hitl_portal import strict_json
from hitl_portal.hooks.models import WebhookSource
from hitl_portal.hooks.schemes import Message
from hitl_portal.problems import Problem
from hitl_portal.sealing import Unreadable

LONGEST_ID = 200
MOST_FIELDS = 1000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post that its source has signed: the id that it will keep when it is sent again, and what it says."""

    id: str
    payload: Any


def headers_of(request: HttpRequest) -> dict[str, str]:
    """The headers of a post, by names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


def verify(message: Message, source: WebhookSource) -> None:
    """Refuse what none of the source's secrets has signed: bad-signature or timestamp."""
    try:
        secrets = source.valid_secrets()
    except Unreadable:
        again = {"Retry-After": "300"}
        raise Problem("unavailable", "The secrets of this source cannot be read", again) from None
    source.scheme.verify(message, secrets)


def read_payload(message: Message) -> Any:
    """What a message says, or the Problem `malformed`."""
    try:
        is_form = message.header("content-type").partition(";")[0].strip().lower() == FORM
        payload = _form(message.body) if is_form else strict_json.read(message.body)
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON") from None
    if not strict_json.can_be_kept(payload):
        raise Problem("malformed", "The body is nested too deeply, or has characters that are no text")
    return payload


def read_post(message: Message, payload: Any, source: WebhookSource) -> Post:
    """The post with its id, or the Problem `malformed`."""
    id = source.scheme.id_of(message, payload)
    if not id:
        raise Problem("malformed", "The message has no id by which it is known when it is sent again")
    if len(id) > LONGEST_ID or strict_json.NO_TEXT.search(id):
        raise Problem("malformed", f"A message's id has at most {LONGEST_ID} characters")
    return Post(id=id, payload=payload)


def _form(body: bytes) -> Any:
    """The fields of a form; where one is called `payload`, the JSON in it, which is how GitHub and Slack send forms."""
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    return strict_json.read(fields["payload"]) if "payload" in fields else fields
