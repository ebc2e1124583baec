"""Seeing: what a web process makes of a request that the doctor has sent through the proxy.

The address carries a signature that only processes with the same SECRET_KEY can make and read; nobody else is told
anything, and it changes nothing.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hitl_portal.doctor.reaching import Reply, fetch

SALT = "hitl_portal.doctor.seeing"
# The clocks of two machines may differ by so much and it is still said which is wrong.
LASTING = 3600


class Strange(Exception):
    """What answers is not a process of this portal."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The request as it arrived, and the web process's clock then (seconds since 1970), beside ours around it."""

    scheme: str
    host: str
    at: float
    asked: float
    answered: float
    reply: Reply


@never_cache
@require_safe
def seen(request: HttpRequest, token: str) -> JsonResponse:
    """Tell the doctor how its request has arrived."""
    try:
        signing.loads(token, salt=SALT, max_age=LASTING)
    except signing.BadSignature:
        raise Http404 from None
    return JsonResponse({"scheme": request.scheme, "host": request.get_host(), "at": time.time()})


def look() -> Seen:
    """Ask it, through the public address. Raises Unreached, or Strange."""
    token = signing.dumps("doctor", salt=SALT)
    asked = time.time()
    reply = fetch(reverse("doctor:seen", args=[token]))
    answered = time.time()
    said = _read(reply)
    return Seen(
        scheme=said["scheme"],
        host=said["host"],
        at=said["at"],
        asked=asked,
        answered=answered,
        reply=reply,
    )


def _read(reply: Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.body) if reply.status == 200 else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.keys() < {"scheme", "host", "at"}:
        raise Strange(reply)
    return said
