"""Sweep: once a second one of all worker processes looks for what time has brought and nobody has done: decisions whose
hold is over, deadlines and reminders that have passed, runs that were cancelled while their driver died, runs of
which no worker has heard.

Everything it does is a compare-and-set, as it is where a worker does the same on its way: nothing happens twice, also
where two lead for a moment. What was due while nothing ran is found by the first process that is back. Other apps name
theirs in HITL_SWEEPERS: functions without arguments that do a batch, and say how many things they did.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from workflows import attendance, nudging, points, services
from workflows.audit import sealing
from workflows.clock import Rewound
from workflows.coverage.daily import Daily
from workflows.logs import about
from workflows.models import Requirement, WorkerBeat, WorkflowRun
from workflows.nudging import Crew
from workflows.timekeeping import KEEPER

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two looks
LEAD = timedelta(seconds=3)  # when another one takes over from a leader who is not heard of any more
DUTY = "sweep"
BATCH = 200
# A run that has been due for so long was not heard of; it is told of again after a while.
UNHEARD, AGAIN = timedelta(seconds=2), timedelta(seconds=10)

Sweeper = Callable[[], int]
Result = TypeVar("Result")


def release() -> int:
    """Let come about what was decided, where the hold is over: also in runs that only a script drives."""
    now = timezone.now()
    over = Requirement.objects.filter(status=Requirement.Status.DECIDED, release_at__lte=now)
    return _each(_runs_of(over.order_by("release_at")), _release)


def expire() -> int:
    """Answer for silence, also while the run is driven, or where nobody has its code."""
    late = Requirement.objects.open().filter(timeout_at__lte=timezone.now())
    return _each(_runs_of(late.order_by("timeout_at")), services.expire_overdue)


def remind() -> int:
    """Remind and escalate."""
    return services.sweep_due()


def end_cancelled() -> int:
    """End runs whose driver has died after somebody had asked for their end."""
    asked = WorkflowRun.objects.due(timezone.now()).unfinished().exclude(cancel_requested_by="")
    return _each(list(asked.values_list("id", flat=True)[:BATCH]), services.end_abandoned)


class Reminder:
    """Nudges for runs that are due and that no worker has taken up: a nudge was lost, or its worker was."""

    def __init__(self, crew: Crew) -> None:
        self._workflows = list(crew.workflows)
        self._told: dict[UUID, float] = {}

    def __call__(self) -> int:
        """Tell of them; not again and again of those for which there is no room."""
        if nudging.name() == "database":  # its workers look at the table themselves
            return 0
        self._forget()
        unheard = WorkflowRun.objects.due(timezone.now() - UNHEARD).filter(workflow__name__in=self._workflows)
        told = [run_id for run_id in unheard.values_list("id", flat=True)[:BATCH] if run_id not in self._told]
        self._told |= dict.fromkeys(told, time.monotonic())
        for run_id in told:
            nudging.nudge(run_id)
        return len(told)

    def _forget(self) -> None:
        horizon = time.monotonic() - AGAIN.total_seconds()
        self._told = {run_id: at for run_id, at in self._told.items() if at > horizon}


def sweepers(crew: Crew) -> list[Sweeper]:
    """Ours, and those that the settings name."""
    others = [import_string(name) for name in getattr(settings, "HITL_SWEEPERS", ())]
    ours: list[Sweeper] = [
        Rewound(),
        release,
        expire,
        remind,
        end_cancelled,
        Reminder(crew),
        attendance.prune,
    ]
    return [*ours, sealing.sweep, Daily(), *others]


def sweep(all_of: Iterable[Sweeper]) -> int:
    """Have each of them look once; how many things were done. One that fails does not keep the others from it."""
    done = 0
    for sweeper in all_of:
        points.reached("sweep.before")
        try:
            done += sweeper()
        except DatabaseError as error:
            log.warning("the sweep could not do its round: %s", error)
        except Exception:
            log.exception("a sweeper failed: %r", sweeper)
        points.reached("sweep.after")
    return done


@contextmanager
def sweeping(crew: Crew) -> Iterator[None]:
    """Meanwhile this process gives signs of life, and leads the sweep where no other one does."""
    sweep_thread = _Thread(crew)
    sweep_thread.start()
    try:
        yield
    finally:
        sweep_thread.stop()


class _Thread(threading.Thread):
    def __init__(self, crew: Crew) -> None:
        super().__init__(name="sweep", daemon=True)
        self._crew, self._sweepers = crew, sweepers(crew)
        self._over = threading.Event()
        self._started_at, self._beat_at = timezone.now(), float("-inf")

    def stop(self) -> None:
        """End it, and let another process lead at once."""
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(0 if self._round() >= BATCH else EVERY):
            pass
        self._guarded(lambda: attendance.leave(self._crew.name))
        connections.close_all()

    def _round(self) -> int:
        close_old_connections()
        if time.monotonic() - self._beat_at >= attendance.BEAT.total_seconds():
            self._guarded(self._beat)
        leads = self._guarded(self._take_lead)
        return sweep(self._sweepers) if leads else 0

    def _take_lead(self) -> bool:
        # What time brings is told by this clock.
        return KEEPER.is_right() and attendance.take_lead(DUTY, self._crew.name, LEAD)

    def _beat(self) -> None:
        WorkerBeat.objects.update_or_create(
            name=self._crew.name,
            defaults={
                "transport": nudging.name(),
                "workflows": sorted(self._crew.workflows),
                "concurrency": self._crew.concurrency if KEEPER.is_right() else 0,
                "started_at": self._started_at,
                "seen_at": KEEPER.now(),
            },
        )
        self._beat_at = time.monotonic()

    def _guarded(self, do: Callable[[], Result]) -> Result | None:
        try:
            return do()
        except DatabaseError as error:  # it may be back at the next round
            log.warning("the sweep cannot reach the database: %s", error)
            return None


def _release(run_id: UUID) -> None:
    services.confirm_decisions(run_id)
    nudging.nudge(run_id)


def _runs_of(requirements: QuerySet[Requirement]) -> list[UUID]:
    return list(dict.fromkeys(requirements.values_list("run", flat=True)[:BATCH]))


def _each(run_ids: list[UUID], do: Callable[[UUID], object]) -> int:
    """Do it for each run; one that cannot be done is told of, and does not keep the others from it."""
    done = 0
    for run_id in run_ids:
        try:
            with about(run=run_id):
                do(run_id)
            done += 1
        except DatabaseError:
            raise
        except Exception:
            log.exception("run %s: the sweep could not do what is due", run_id)
    return done
