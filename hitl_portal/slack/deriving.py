"""Writes cards for rooms from the event log: each question once in each room that hears of its workflow.

HITL_SLACK_ROOMS names rooms, `C0123456789` for all workflows, `refund:C0123456789` for one, which then is told in no
other. Who reads a room is not known here: of what is restricted to certain people none is told.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hitl_portal.outbound.telling import OPENING
from hitl_portal.slack.models import Card, Position
from hitl_portal.slack.outbox import LASTING
from workflows import tail
from workflows.models import RunEvent


def derive() -> int:
    """Read what is new in the log, at most a batch; how many cards that made. What was before the first time is for
    nobody."""
    if not settings.HITL_SLACK_ROOMS or not Position.has_news():
        return 0
    with transaction.atomic():
        is_first = not Position.objects.exists()
        position = Position.locked(since=tail.latest() if is_first else 0)
        made = [card for event in position.read(OPENING) for card in _cards(event)]
        # Of two readers the second finds rows of the first.
        Card.objects.bulk_create(made, ignore_conflicts=True)
        position.save()
    return len(made)


def rooms_of(workflow: str) -> list[str]:
    """The rooms that hear of a workflow."""
    named = [entry.rpartition(":") for entry in settings.HITL_SLACK_ROOMS]
    own = [room for name, _colon, room in named if name == workflow]
    return own or [room for name, _colon, room in named if not name]


def _cards(event: RunEvent) -> Iterator[Card]:
    requirement, now = event.requirement, timezone.now()
    if requirement is None or not requirement.is_open or requirement.is_restricted or event.run.is_restricted:
        return
    for room in rooms_of(event.run.workflow.name):
        yield Card(
            requirement=requirement,
            revision=requirement.revision,
            event=event.sequence,
            room=room,
            next_try_at=now,
            until=now + LASTING,
            created_at=now,
        )
