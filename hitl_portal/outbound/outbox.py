"""The outbox's transitions: a delivery is claimed, and what came of it is recorded. Each is a compare-and-set."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hitl_portal.outbound.deriving import LASTING
from hitl_portal.outbound.models import PING, Attempt, Delivery, Endpoint
from hitl_portal.outbound.pace import next_try
from hitl_portal.outbound.telling import ping_of

# Longer than the longest try: who has not reported after it is taken for dead, and the next one sends it again.
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
AT_ONCE = 1000
GONE = 410
LOOKED_AT = 20

dice = SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one try. Without a status nobody has answered, and `problem` says why."""

    at: datetime
    milliseconds: int
    status: int | None = None
    problem: str = ""
    excerpt: str = ""
    asked_to_wait: float = 0.0

    @property
    def is_delivered(self) -> bool:
        """The receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300


def due(now: datetime) -> QuerySet[Delivery]:
    """What is to be sent, longest due first."""
    waiting = Delivery.objects.filter(status=Delivery.Status.PENDING, next_try_at__lte=now)
    return waiting.filter(endpoint__enabled=True).order_by("next_try_at", "id")


def claim(busy: Iterable[UUID] = ()) -> Delivery | None:
    """The next delivery, for whoever called alone; none to endpoints that are busy. None where nothing is due."""
    now = timezone.now()
    for delivery in due(now).exclude(endpoint__in=list(busy)).select_related("endpoint")[:LOOKED_AT]:
        same = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING, tries=delivery.tries)
        if same.update(tries=F("tries") + 1, next_try_at=now + LEASE):
            delivery.tries += 1
            return delivery
    return None


def record(delivery: Delivery, outcome: Outcome) -> None:
    """Write down one try, and what follows: done, again later, given up; or the endpoint is gone.

    What has arrived has arrived, also where another one has taken over meanwhile; of failures only the last counts.
    """
    rows = Delivery.objects.filter(pk=delivery.pk)
    with transaction.atomic():
        if not rows.select_for_update().exists():  # its endpoint was deleted meanwhile
            return
        Attempt.objects.create(
            delivery=delivery,
            at=outcome.at,
            milliseconds=outcome.milliseconds,
            status=outcome.status,
            problem=outcome.problem[:300],
            excerpt=outcome.excerpt,
        )
        if outcome.is_delivered:
            _deliver(rows)
        else:
            _fail(rows.filter(status=Delivery.Status.PENDING, tries=delivery.tries), delivery, outcome)
        if outcome.status == GONE:
            delivery.endpoint.switch_off("410 Gone")


def ping(endpoint: Endpoint) -> Delivery:
    """A message without meaning, for trying out."""
    now = timezone.now()
    return Delivery.objects.create(
        endpoint=endpoint,
        type=PING,
        body=ping_of(endpoint, now),
        next_try_at=now,
        until=now + LASTING,
        created_at=now,
    )


def replay(delivery: Delivery) -> None:
    """Send it again, now, under the same id, and try for two days from now; whatever came of it before."""
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        status=Delivery.Status.PENDING,
        next_try_at=now,
        until=now + LASTING,
        failures=0,
        # Whoever is still at it does not report for this one.
        tries=F("tries") + 1,
    )


def prune(now: datetime) -> int:
    """Delete what was done with a month ago, a batch at a time; how many."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT)
    over = old.exclude(Q(status=Delivery.Status.PENDING) & Q(until__gt=now))
    pks = list(over.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
    return Delivery.objects.filter(pk__in=pks).delete()[0] if pks else 0


def _deliver(rows: QuerySet[Delivery]) -> None:
    rows.update(status=Delivery.Status.DELIVERED, next_try_at=None, failures=0, delivered_at=timezone.now())


def _fail(rows: QuerySet[Delivery], delivery: Delivery, outcome: Outcome) -> None:
    failures = delivery.failures + 1
    again = None
    if outcome.status != GONE:
        again = next_try(
            failures,
            now=timezone.now(),
            until=delivery.until,
            asked=outcome.asked_to_wait,
            dice=dice.random(),
        )
    status = Delivery.Status.PENDING if again else Delivery.Status.FAILED
    rows.update(status=status, next_try_at=again, failures=failures)
