"""Fills the outbox from the event log: each event once for each endpoint that is to hear of it.

The engine's hot path writes no row for webhooks. It need not: the event that tells of a change is written in the
transaction of that change, and the outbox follows from the events. What is committed is therefore told, and what was
rolled back is not, as if the outbox had been written there too. The reader's position is written in the transaction
that writes the deliveries (see `log_position`), so that a death in between loses nothing, and a unique constraint
keeps a second reader from telling anything twice.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hitl_portal.outbound.models import Delivery, Endpoint, EventType, Position
from hitl_portal.outbound.telling import TELLING, body_of, decisions_behind, type_of
from workflows.models import RunEvent

LASTING = timedelta(days=2)  # for so long a delivery is tried


def derive() -> int:
    """Read what is new in the log, at most a batch, into the outbox; how many deliveries that made.

    Two queries where nothing is new, one where nobody is to be told of anything.
    """
    endpoints = list(Endpoint.objects.filter(enabled=True).prefetch_related("workflows"))
    if not endpoints or not Position.has_news():
        return 0
    with transaction.atomic():
        position = Position.locked(min(endpoint.since for endpoint in endpoints))
        events = position.read(TELLING)
        made = list(_deliveries(events, endpoints))
        # Of two readers the second finds rows of the first.
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        position.save()
    return len(made)


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
