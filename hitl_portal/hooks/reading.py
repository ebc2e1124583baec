"""Reads a post: its size, its signature (standardwebhooks.com), its JSON. Starts nothing."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from django.http import HttpRequest
from standardwebhooks import Webhook, WebhookVerificationError

from hitl_portal.hooks.models import WebhookSource
from hitl_portal.problems import Problem

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
LONGEST_ID = 200
DEEPEST = 64
NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
STANDARD_PAYLOAD = {"type", "timestamp", "data"}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post that its source has signed: the id that it will keep when it is sent again, and what it says."""

    id: str
    payload: Any

    @property
    def workflow(self) -> str | None:
        """The workflow that the body names, if any."""
        named = self.payload.get("workflow") if isinstance(self.payload, dict) else None
        return named if isinstance(named, str) else None

    @property
    def input(self) -> Any:
        """What the workflow is given: `data` of a payload as Standard Webhooks recommends it, else the body."""
        if isinstance(self.payload, dict) and self.payload.keys() >= STANDARD_PAYLOAD:
            return self.payload["data"]
        return self.payload


def read_post(request: HttpRequest, source: WebhookSource) -> Post:
    """The post, or a Problem: too-large, bad-signature, timestamp or malformed."""
    body = _limited_body(request, source.max_bytes)
    headers = {name: request.headers.get(name, "") for name in HEADERS}
    _verify(body, headers, source)
    if len(headers["webhook-id"]) > LONGEST_ID:
        raise Problem("malformed", f"A webhook-id has at most {LONGEST_ID} characters")
    return Post(id=headers["webhook-id"], payload=_parsed(body))


def _limited_body(request: HttpRequest, limit: int) -> bytes:
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    body = b"" if size > limit else request.read(limit + 1)
    if max(size, len(body)) > limit:
        raise Problem("too-large", f"This source may post at most {limit} bytes")
    return body


def _verify(body: bytes, headers: dict[str, str], source: WebhookSource) -> None:
    try:
        Webhook(source.secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError as refusal:
        if str(refusal).startswith("Message timestamp"):
            raise Problem("timestamp", "The webhook-timestamp is more than five minutes from now") from None
        raise Problem("bad-signature", "The webhook headers do not sign this body") from None
    except ValueError:  # the library passes on what a mangled header or body makes of decoding
        raise Problem("bad-signature", "The webhook headers do not sign this body") from None


def _parsed(body: bytes) -> Any:
    try:
        payload = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON") from None
    if not _can_be_kept(payload):
        raise Problem("malformed", "The body is nested too deeply, or has characters that are no text")
    return payload


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _can_be_kept(value: Any, depth: int = 0) -> bool:
    """Databases refuse NUL and half a surrogate pair, which JSON can say."""
    if isinstance(value, dict):
        return depth < DEEPEST and all(
            _can_be_kept(key) and _can_be_kept(item, depth + 1) for key, item in value.items()
        )
    if isinstance(value, list):
        return depth < DEEPEST and all(_can_be_kept(item, depth + 1) for item in value)
    return not isinstance(value, str) or NO_TEXT.search(value) is None
