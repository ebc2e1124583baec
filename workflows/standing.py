"""Standing: how the queue and its workers are doing right now, for operators and what watches for them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from workflows.models import Priority, Requirement, WorkerBeat, WorkflowRun

# Open requirements are counted by how long they have waited: up to so many hours, and longer.
AGES = {"1h": 1, "1d": 24, "7d": 7 * 24}
OLDER = "older"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The runs of one workflow: due and not taken, driven, and left by drivers that died. `waited`: seconds."""

    workflow: str
    waiting: int
    driven: int
    left: int
    waited: float
    known: bool


@dataclass(frozen=True, kw_only=True)
class Crew:
    """One worker process; `seen`: seconds since its last sign of life; `concurrency`: 0 while its clock is wrong."""

    name: str
    transport: str
    workflows: list[str]
    concurrency: int
    seen: float
    alive: bool


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right of one process to drive a run. `left`: seconds until it ends; negative where its driver has died."""

    run: str
    workflow: str
    owner: str
    until: str
    left: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All of it, at one moment."""

    at: datetime
    queues: list[Queue]
    workers: list[Crew]
    open_requirements: dict[str, int]

    @property
    def is_worked(self) -> bool:
        """Some worker is alive."""
        return any(worker.alive for worker in self.workers)

    @property
    def waited(self) -> float:
        """For how many seconds the run has been due that a living worker should have taken long ago."""
        return max((queue.waited for queue in self.queues if queue.known), default=0.0)

    def problems(self, patience: float) -> list[str]:
        """Why nothing works, in words; empty where it does."""
        alive = [worker for worker in self.workers if worker.alive]
        found = [] if alive else ["no worker is alive"]
        if alive and not any(worker.concurrency for worker in alive):
            found.append("no worker takes runs, as their clocks are not the database's")
        if self.waited > patience:
            found.append(f"a run has been due for {self.waited:.0f} s")
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean."""
        return asdict(self) | {"at": self.at.isoformat(), "waited": self.waited}


def standing() -> Standing:
    """Look now; four queries."""
    now = timezone.now()
    workers = [_crew(beat, now) for beat in WorkerBeat.objects.all()]
    known = {name for worker in workers if worker.alive for name in worker.workflows}
    return Standing(at=now, queues=list(_queues(now, known)), workers=workers, open_requirements=_open(now))


def leases(most: int) -> list[Lease]:
    """Who drives what, those first that end first; one query."""
    now = timezone.now()
    held = _soon(now).exclude(lease_owner="").order_by("wake_at", "id")
    found = held.values_list("id", "workflow__name", "lease_owner", "wake_at")[:most]
    return [
        Lease(
            run=str(run_id),
            workflow=workflow,
            owner=owner,
            until=until.isoformat(),
            left=(until - now).total_seconds(),
        )
        for run_id, workflow, owner, until in found
        if until is not None
    ]


def _soon(now: datetime) -> QuerySet[WorkflowRun]:
    """Leases end soon: what waits for a far deadline is not read."""
    return WorkflowRun.objects.filter(priority__in=Priority.values, wake_at__lte=now + timedelta(minutes=5))


def _queues(now: datetime, known: set[str]) -> Iterable[Queue]:
    driven = Q(wake_at__gt=now) & ~Q(lease_owner="")
    due = Q(wake_at__lte=now)
    rows = (
        _soon(now)
        .values("workflow__name")
        .annotate(
            waiting=Count("id", filter=due & Q(lease_owner="")),
            left=Count("id", filter=due & ~Q(lease_owner="")),
            driven=Count("id", filter=driven),
            oldest=Min("wake_at", filter=due),
        )
    )
    for row in rows.order_by("workflow__name"):
        if row["waiting"] or row["left"] or row["driven"]:
            yield Queue(
                workflow=row["workflow__name"],
                waiting=row["waiting"],
                driven=row["driven"],
                left=row["left"],
                waited=(now - row["oldest"]).total_seconds() if row["oldest"] else 0.0,
                known=row["workflow__name"] in known,
            )


def _crew(beat: WorkerBeat, now: datetime) -> Crew:
    return Crew(
        name=beat.name,
        transport=beat.transport,
        workflows=beat.workflows,
        concurrency=beat.concurrency,
        seen=(now - beat.seen_at).total_seconds(),
        alive=beat.is_alive(now),
    )


def _open(now: datetime) -> dict[str, int]:
    """How many open requirements are how old."""
    younger = {
        f"within_{age}": Count("id", filter=Q(opened_at__gt=now - timedelta(hours=hours)))
        for age, hours in AGES.items()
    }
    counted = Requirement.objects.open().aggregate(total=Count("id"), **younger)
    found, before = {}, 0
    for age in AGES:
        found[age], before = counted[f"within_{age}"] - before, counted[f"within_{age}"]
    return found | {OLDER: counted["total"] - before}
