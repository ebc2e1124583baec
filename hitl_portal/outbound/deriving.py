"""Fills the outbox from the event log: each event once for each endpoint that is to hear of it.

The engine's hot path writes no row for webhooks. It need not: the event that tells of a change is written in the
transaction of that change, and the outbox follows from the events. What is committed is therefore told, and what was
rolled back is not, as if the outbox had been written there too. The reader's position is written in the transaction
that writes the deliveries, so that a death in between loses nothing, and a unique constraint keeps a second reader
from telling anything twice.

PostgreSQL hands out sequence numbers before the commit, so that 8 may become visible before 7 (see `workflows.tail`).
Numbers that were jumped over are kept with the position and looked for until they appear, or until no transaction that
old is thinkable; whoever reads next, in whichever process, knows of them.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hitl_portal.outbound.models import Delivery, Endpoint, EventType, Position
from hitl_portal.outbound.telling import TELLING, body_of, decisions_behind, type_of
from workflows import tail
from workflows.models import RunEvent
from workflows.tail import BATCH, PATIENCE, WINDOW

ONE = 1
LASTING = timedelta(days=2)  # for so long a delivery is tried


def derive() -> int:
    """Read what is new in the log, at most a batch, into the outbox; how many deliveries that made.

    Two queries where nothing is new, one where nobody is to be told of anything.
    """
    endpoints = list(Endpoint.objects.filter(enabled=True).prefetch_related("workflows"))
    if not endpoints or not _has_news():
        return 0
    with transaction.atomic():
        position = _position(min(endpoint.since for endpoint in endpoints))
        events = _read(position)
        made = list(_deliveries(events, endpoints))
        # Of two readers the second finds rows of the first.
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        position.save()
    return len(made)


def _has_news() -> bool:
    position = Position.objects.filter(pk=ONE).first()
    return position is None or bool(position.gaps) or tail.latest() > position.sequence


def _position(since: int) -> Position:
    """Where to read on, locked; nobody is to be told of what was before `since`."""
    position, _ = Position.objects.select_for_update().get_or_create(pk=ONE)
    if position.sequence < since:
        position.sequence, position.gaps = since, {}
    return position


def _read(position: Position) -> list[RunEvent]:
    """The next events of which somebody may be told. The position moves on; so it does over all others."""
    gaps = [int(number) for number in position.gaps]
    new = Q(sequence__gt=position.sequence)
    wanted = RunEvent.objects.filter(new | Q(sequence__in=gaps) if gaps else new)
    rows = list(wanted.order_by("sequence").values_list("sequence", "type")[:BATCH])
    for sequence, _ in rows:
        _note(position, sequence)
    # After the look, not before it: it may be long ago that anybody looked.
    _forget(position)
    telling = [sequence for sequence, type in rows if type in TELLING]
    found = RunEvent.objects.filter(sequence__in=telling).select_related("run__workflow", "requirement")
    return list(found.order_by("sequence"))


def _note(position: Position, sequence: int) -> None:
    position.gaps.pop(str(sequence), None)
    if sequence <= position.sequence:
        return
    jumped = range(max(position.sequence + 1, sequence - WINDOW), sequence)
    position.gaps |= {str(number): time.time() for number in jumped}
    position.sequence = sequence


def _forget(position: Position) -> None:
    horizon = time.time() - PATIENCE
    position.gaps = {number: noticed for number, noticed in position.gaps.items() if noticed > horizon}


def _deliveries(events: list[RunEvent], endpoints: list[Endpoint]) -> Iterator[Delivery]:
    decisions = decisions_behind(events)
    now = timezone.now()
    for event in events:
        type = type_of(event)
        hearing = [endpoint for endpoint in endpoints if type and _hears(endpoint, type, event)]
        if type is None or not hearing:
            continue
        body = body_of(event, type, decisions)
        more = {"type": type, "body": body, "next_try_at": now, "until": now + LASTING, "created_at": now}
        yield from (Delivery(endpoint=endpoint, event=event, **more) for endpoint in hearing)


def _hears(endpoint: Endpoint, type: EventType, event: RunEvent) -> bool:
    chosen = {workflow.pk for workflow in endpoint.workflows.all()}
    in_scope = not chosen or event.run.workflow_id in chosen
    return in_scope and event.sequence > endpoint.since and type in endpoint.events
