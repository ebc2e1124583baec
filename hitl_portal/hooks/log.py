"""The log of a source: its last deliveries, kept short, and how many there ever were of each outcome.

Signed and unsigned posts have a hundred lines each, so that strangers cannot push out what a source has really sent.
What was erased of a run is taken out of the log as well: by the workers' sweep, and before anybody looks at it.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from hitl_portal.hooks.models import PAYLOAD, Delivery, DeliveryCount, WebhookSource
from hitl_portal.hooks.redacting import excerpt, redacted_headers
from hitl_portal.hooks.schemes import Message
from hitl_portal.sealing import Unreadable, seal
from workflows.models import WorkflowRun
from workflows.retention import ERASED

KEPT = 100
LONGEST_DETAIL = 500
LARGEST_PAYLOAD = 256 * 1024


@dataclass(kw_only=True)
class Entry:
    """What becomes known of a delivery while it is dealt with."""

    source: WebhookSource
    message: Message
    id: str = ""
    payload: Any = None
    is_signed: bool = False
    is_read: bool = False
    run: WorkflowRun | None = None
    replay_of: Delivery | None = None
    replayed_by: str = ""


def write(entry: Entry, outcome: str, status: int, detail: str = "") -> Delivery:
    """Add a line, forget the oldest, count. One transaction, and nothing slow in it."""
    line = _line(entry, outcome, status, detail)
    with transaction.atomic():
        line.save(force_insert=True)
        _forget_oldest(line)
        count(entry.source, outcome)
    return line


def count(source: WebhookSource, outcome: str) -> None:
    """One more that came out so."""
    counts = DeliveryCount.objects.filter(source=source, outcome=outcome)
    if not counts.update(count=F("count") + 1):
        DeliveryCount.objects.get_or_create(source=source, outcome=outcome)
        counts.update(count=F("count") + 1)


def outcomes() -> list[tuple[str, str, int]]:
    """Source, outcome and number of all deliveries ever. One query."""
    counted = DeliveryCount.objects.values_list("source__name", "outcome")
    return list(counted.annotate(total=Sum("count")).order_by("source__name", "outcome"))


def newest(source: WebhookSource, *, refused: bool = False) -> QuerySet[Delivery]:
    """The last deliveries of a source, or those of them that were refused."""
    lines = source.deliveries.defer("headers", "excerpt", "sealed_body").select_related("run")
    return lines.filter(Q(status__gte=300)) if refused else lines


def forget_erased() -> int:
    """Take out of all logs what was posted for runs whose contents were erased; how many lines that were."""
    held = Delivery.objects.exclude(excerpt="", sealed_body="").filter(run__isnull=False)
    return held.filter(run__events__type=ERASED).update(excerpt="", sealed_body="", headers={})


def _line(entry: Entry, outcome: str, status: int, detail: str) -> Delivery:
    return Delivery(
        source=entry.source,
        message_id=entry.id[:200].replace("\0", ""),
        is_signed=entry.is_signed,
        outcome=outcome,
        status=status,
        detail=detail[:LONGEST_DETAIL].replace("\0", ""),
        headers=redacted_headers(entry.message.headers, entry.source.scheme.shown),
        excerpt=excerpt(entry.message.body, _secrets(entry.source)),
        sealed_body=_sealed(entry),
        run=entry.run,
        replay_of=entry.replay_of,
        replayed_by=entry.replayed_by,
    )


def _forget_oldest(line: Delivery) -> None:
    like = Delivery.objects.filter(source=line.source_id, is_signed=line.is_signed)
    oldest = list(like.order_by("-received_at", "-id").values_list("id", flat=True)[KEPT : KEPT + KEPT])
    if oldest:
        Delivery.objects.filter(id__in=oldest).delete()


def _sealed(entry: Entry) -> str:
    if not (entry.is_signed and entry.is_read) or len(entry.message.body) > LARGEST_PAYLOAD:
        return ""
    return seal(json.dumps(entry.payload), PAYLOAD)


def _secrets(source: WebhookSource) -> list[str]:
    try:
        return source.valid_secrets()
    except Unreadable:
        return []
