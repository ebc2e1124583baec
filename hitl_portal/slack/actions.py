"""What Slack posts when somebody presses a button: who it was, and on which card. It decides nothing.

Each post is signed with the app's signing secret and its time, and counts once. Who has pressed is answered by a card
that they alone see (see `sending`): Slack wants an answer to the post itself within three seconds.
"""

import hashlib
import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from hitl_portal.bodies import limited_body
from hitl_portal.hooks.reading import headers_of, read_payload
from hitl_portal.hooks.schemes import SCHEMES, Message
from hitl_portal.problems import Problem, answered, require_method
from hitl_portal.slack.models import Card
from hitl_portal.slack.outbox import LASTING_FOR_PRESSER
from hitl_portal.slack.telling import ANSWER
from workflows.models import Requirement

MOST_BYTES = 256 * 1024
REMEMBERED = 15 * 60  # seconds; a signature counts for five minutes before and after its time
MEMBER = re.compile(r"[UW][A-Z0-9]{2,38}")
ROOM = re.compile(r"[CGD][A-Z0-9]{2,38}")


@csrf_exempt  # the signature says who posts, no cookie
@answered
def receive(request: HttpRequest) -> HttpResponseBase:
    """Take note of who has pressed what, and answer with nothing. Raises Problem for what Slack has not signed now."""
    require_method(request, "POST")
    payload = _verified(request)
    for action in payload.get("actions") or ():
        if isinstance(action, dict) and action.get("action_id") == ANSWER:
            _note(payload, action.get("value"))
    return HttpResponse()


def _verified(request: HttpRequest) -> dict[str, Any]:
    if not settings.HITL_SLACK_SIGNING_SECRETS:
        raise Problem("unknown-source", "No app of Slack is set up here")
    message = Message(headers=headers_of(request), body=b"")
    message = Message(headers=message.headers, body=limited_body(request, MOST_BYTES))
    SCHEMES["slack"].verify(message, settings.HITL_SLACK_SIGNING_SECRETS)
    _refuse_again(message)
    payload = read_payload(message)
    if not isinstance(payload, dict):
        raise Problem("malformed", "The payload is no object")
    return payload


def _refuse_again(message: Message) -> None:
    """Slack signs each post anew: the same signature again is somebody else's copy."""
    said = hashlib.sha256(message.header("x-slack-signature").encode()).hexdigest()
    if not cache.add(f"slack:heard:{said}", 1, REMEMBERED):
        raise Problem("conflict", "This was received already")


def _note(payload: dict[str, Any], value: Any) -> None:
    """A card for who has pressed; nothing where it is not said who, where, and about what there is."""
    presser, room = (str((payload.get(name) or {}).get("id", "")) for name in ("user", "channel"))
    requirement = _requirement(value)
    if requirement is None or not (MEMBER.fullmatch(presser) and ROOM.fullmatch(room)):
        return
    now = timezone.now()
    Card.objects.create(
        requirement=requirement,
        revision=requirement.revision,
        room=room,
        presser=presser,
        next_try_at=now,
        until=now + LASTING_FOR_PRESSER,
        created_at=now,
    )


def _requirement(value: Any) -> Requirement | None:
    try:
        return Requirement.objects.filter(pk=UUID(str(value))).first()
    except ValueError:
        return None
