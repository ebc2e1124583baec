"""Metrics for Prometheus: read from the tables when they are asked for, so that each web process tells the same of the
workers; only what is marked `process` is its own.

Fail closed: without HITL_METRICS_TOKEN there is no such page, and nothing is told to who does not send it.
"""

import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hitl_portal.hooks.log import outcomes
from hitl_portal.live.fanout import fanout
from hitl_portal.outbound.models import Attempt, Delivery
from workflows import tail
from workflows.models import RunEvent
from workflows.services import TIMER
from workflows.standing import Standing, standing

# An event may become visible after one with a higher number: so old, it is not expected any more.
SETTLED = timedelta(seconds=5)
OUTCOMES = ("delivered", "refused", "unreachable")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything, in Prometheus' text format."""
    if not settings.HITL_METRICS_TOKEN:
        raise Http404
    wanted, sent = f"Bearer {settings.HITL_METRICS_TOKEN}", request.headers.get("Authorization", "")
    if not hmac.compare_digest(wanted.encode(), sent.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(_Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Collector:
    def collect(self) -> Iterator[Metric]:
        yield from _of(standing())
        yield from events.families()
        yield from _of_outbox()
        yield from tries.families()
        sockets = GaugeMetricFamily("hitl_process_websocket_clients", "Open pages of this process.")
        sockets.add_metric([], fanout.listeners)
        yield sockets
        yield _deliveries()


def _of(found: Standing) -> Iterator[Metric]:
    for name, said in (
        ("waiting", "Runs that are due and that nobody has taken."),
        ("driven", "Runs with a lease."),
        ("left", "Runs whose lease is over: their driver has died."),
    ):
        runs = GaugeMetricFamily(f"hitl_runs_{name}", said, labels=["workflow"])
        for queue in found.queues:
            runs.add_metric([queue.workflow], getattr(queue, name))
        yield runs
    ages = GaugeMetricFamily(
        "hitl_queue_age_seconds", "For how long the oldest of them is due.", labels=["workflow", "known"]
    )
    for queue in found.queues:
        ages.add_metric([queue.workflow, str(queue.known).lower()], queue.waited)
    yield ages
    workers = GaugeMetricFamily("hitl_workers", "Worker processes that give signs of life.")
    workers.add_metric([], sum(worker.alive for worker in found.workers))
    yield workers
    asked = GaugeMetricFamily(
        "hitl_requirements_open", "What waits for people, by how long it has waited.", labels=["age"]
    )
    for age, count in found.open_requirements.items():
        asked.add_metric([age], count)
    yield asked


def _deliveries() -> Metric:
    posted = CounterMetricFamily(
        "hitl_webhook_deliveries",
        "Posts to webhook sources, by what came of them.",
        labels=["source", "outcome"],
    )
    for source, outcome, count in outcomes():
        posted.add_metric([source, outcome], count)
    return posted


def _of_outbox() -> Iterator[Metric]:
    """What programs are still to be told; through the index of what is due."""
    pending = Delivery.objects.filter(status=Delivery.Status.PENDING, next_try_at__isnull=False).order_by()
    found = pending.aggregate(count=Count("id"), oldest=Min("created_at"))
    waiting = GaugeMetricFamily("hitl_webhooks_waiting", "Messages to endpoints that are not delivered yet.")
    waiting.add_metric([], found["count"])
    age = GaugeMetricFamily("hitl_webhooks_age_seconds", "For how long the oldest of them has waited.")
    oldest = found["oldest"]
    age.add_metric([], (timezone.now() - oldest).total_seconds() if oldest else 0.0)
    yield from (waiting, age)


class _Tries:
    """What came of posts to endpoints, counted on from when this process was first asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cursor: UUID | None = None
        self._told: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))

    def families(self) -> Iterator[Metric]:
        """A counter, with what has happened since the last time."""
        with self._lock:
            self._count()
            told = Counter(self._told)
        tried = CounterMetricFamily(
            "hitl_webhook_tries", "Posts to endpoints, by outcome.", labels=["outcome"]
        )
        for outcome, count in told.items():
            tried.add_metric([outcome], count)
        yield tried

    def _count(self) -> None:
        """Their ids grow with the time."""
        if self._cursor is None:
            self._cursor = Attempt.objects.order_by("-id").values_list("id", flat=True).first() or UUID(int=0)
        new = Attempt.objects.filter(id__gt=self._cursor).order_by("id").values_list("id", "at", "status")
        for key, at, status in new.iterator():
            if at > timezone.now() - SETTLED:
                break
            self._cursor = key
            self._told[_outcome_of(status)] += 1


def _outcome_of(status: int | None) -> str:
    if status is None:
        return "unreachable"
    return "delivered" if 200 <= status < 300 else "refused"


class _Events:
    """The event log, counted on from where it stood when this process was first asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cursor: int | None = None
        self._told: Counter[str] = Counter()
        self._timeouts = 0

    def families(self) -> Iterator[Metric]:
        """Counters, with what has happened since the last time."""
        with self._lock:
            self._count()
            told, timeouts = Counter(self._told), self._timeouts
        happened = CounterMetricFamily("hitl_events", "Events in the log, by type.", labels=["type"])
        for type, count in sorted(told.items()):
            happened.add_metric([type], count)
        decided = CounterMetricFamily("hitl_decisions", "Requirements that were decided.", labels=["by"])
        decided.add_metric(["people"], told["RequirementDecided"] - timeouts)
        decided.add_metric(["timer"], timeouts)
        yield from (happened, decided)

    def _count(self) -> None:
        if self._cursor is None:
            self._cursor = tail.latest()
        settled = RunEvent.objects.filter(sequence__gt=self._cursor, created_at__lte=timezone.now() - SETTLED)
        counted = (
            settled.order_by()
            .values("type")
            .annotate(
                count=Count("sequence"),
                last=Max("sequence"),
                timer=Count("sequence", filter=Q(actor=TIMER.name)),
            )
        )
        for row in counted:
            self._told[row["type"]] += row["count"]
            self._timeouts += row["timer"] if row["type"] == "RequirementDecided" else 0
            self._cursor = max(self._cursor, row["last"])


events = _Events()
tries = _Tries()
