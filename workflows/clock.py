"""Clock: what is done when a clock that was ahead is set back: moments that were set by it would come far too late.

A row tells by itself whether it was made by a clock that was ahead: it was made in the future.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from workflows import nudging
from workflows.models import Requirement, WorkflowRun
from workflows.store.claims import lease

log = logging.getLogger(__name__)

# Clocks of several machines are never quite the same.
TOLERANCE = timedelta(seconds=2)
WHILE = 30.0  # seconds
LIVE = (Requirement.Status.OPEN, Requirement.Status.DECIDED)
MOMENTS = ("timeout_at", "due_at", "next_step_at", "release_at")


class Rewound:
    """A sweeper: looks when it begins to lead, and for a while after the clock of its machine has gone back: others
    may write then what they have read from it before."""

    def __init__(self) -> None:
        self._ahead = float("inf")
        self._until = float("-inf")

    def __call__(self) -> int:
        passed = time.monotonic()
        before, self._ahead = self._ahead, timezone.now().timestamp() - passed
        if before - self._ahead > TOLERANCE.total_seconds():
            self._until = passed + WHILE
        return set_right() if passed <= self._until else 0


def set_right() -> int:
    """Bring the moments that a clock ahead has set to where they would be without it; how many runs that concerns."""
    now = timezone.now()
    touched = {*_questions(now), *_answers(now)}
    unfinished = WorkflowRun.objects.unfinished()
    late = unfinished.filter(wake_at__gt=now + TOLERANCE)
    # Who drives a run prolongs its lease long before it is over.
    held = late.exclude(lease_owner="").filter(wake_at__gt=now + 2 * lease())
    held.update(wake_at=now + lease())
    decided = Q(
        requirements__status=Requirement.Status.DECIDED,
        requirements__decisions__decided_at__gt=now + TOLERANCE,
    )
    waiting = late.filter(lease_owner="").filter(Q(created_at__gt=now) | Q(id__in=touched) | decided)
    due = set(waiting.values_list("id", flat=True))
    _wake(due, now)
    if due:
        log.warning("a clock was ahead and is not any more: %d runs are looked at again", len(due))
    return len(due)


def _questions(now: datetime) -> set[UUID]:
    """Runs with a question that was asked in the future."""
    asked = Requirement.objects.filter(status__in=LIVE, opened_at__gt=now + TOLERANCE)
    return {_shifted(one, one.opened_at - now) for one in asked}


def _answers(now: datetime) -> set[UUID]:
    """Runs with an answer that was given in the future, to a question of before, and can still be undone."""
    given = Requirement.objects.filter(
        status=Requirement.Status.DECIDED,
        release_at__isnull=False,
        opened_at__lte=now + TOLERANCE,
        decisions__closes=True,
        decisions__revision=F("revision"),
        decisions__decided_at__gt=now + TOLERANCE,
    )
    ahead = given.annotate(decided_at=F("decisions__decided_at")).values_list("id", "decided_at")
    questions = Requirement.objects.in_bulk([requirement_id for requirement_id, _ in ahead])
    return {_shifted(questions[requirement_id], decided_at - now) for requirement_id, decided_at in ahead}


def _shifted(requirement: Requirement, by: timedelta) -> UUID:
    set_then = {name: at - by for name in MOMENTS if (at := getattr(requirement, name)) is not None}
    Requirement.objects.filter(id=requirement.id, status=requirement.status).update(**set_then)
    return requirement.run_id


def _wake(run_ids: Iterable[UUID], now: datetime) -> None:
    for run_id in run_ids:
        if WorkflowRun.objects.unfinished().filter(id=run_id, lease_owner="").update(wake_at=now):
            nudging.nudge(run_id)
