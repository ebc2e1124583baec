"""Counting: the numbers of a scope, each by one query that the database aggregates, however much there is.

Works alike on SQLite and PostgreSQL: instants are whole seconds, and a percentile is the nearest rank, found by
numbering the rows of each step. An answer that was undone, or made void, is not counted.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Min, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from hitl_portal.insights.expressions import Epoch
from hitl_portal.insights.scope import Scope
from workflows.models import RequirementQuerySet
from workflows.types import Action, OnReject

TIMER = "timer"
QUARTER = 15 * 60  # seconds; in every time zone midnight is at one
STEP = ("run__workflow", "step_name")
AGES = tuple(timedelta(hours=hours) for hours in (1, 4, 24, 3 * 24, 7 * 24))


class Outcome(StrEnum):
    """What a decision was, for counting."""

    approved = "approved"
    changed = "changed"  # approved with changes of the reviewer's
    mended = "mended"  # after an error: once more, or without the step
    rework = "rework"  # sent back for another try
    rejected = "rejected"
    timed_out = "timed_out"  # nobody answered, whatever that meant


REWORK = Q(decisions__action=Action.reject, details__on_reject=OnReject.retry)
OUTCOME = Case(
    When(decisions__channel=TIMER, then=Value(Outcome.timed_out)),
    When(REWORK, then=Value(Outcome.rework)),
    When(decisions__action__in=(Action.reject, Action.cancel), then=Value(Outcome.rejected)),
    When(decisions__action=Action.edit, then=Value(Outcome.changed)),
    When(decisions__action__in=(Action.retry, Action.skip), then=Value(Outcome.mended)),
    default=Value(Outcome.approved),
)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What is open now: how many since less than each of AGES (and more than the one before), then the rest."""

    by_age: tuple[int, ...]
    oldest: datetime | None

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.by_age)


@dataclass(frozen=True, kw_only=True)
class StepNumbers:
    """What was decided at the steps of one name. `median` and `p95`: seconds from asking to a person's answer, None
    where no person has answered."""

    workflow: str
    step: str
    decided: int
    timed_out: int
    rework: int
    median: int | None = None
    p95: int | None = None

    @property
    def by_people(self) -> int:
        """How many of them a person decided."""
        return self.decided - self.timed_out


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one person has answered, votes included, and holds now."""

    name: str
    answered: int
    holds: int


def waiting(scope: Scope) -> Waiting:
    """What waits now, whatever the period."""
    edges = [scope.now - age for age in AGES]
    newer: list[datetime | None] = [None, *edges]
    older: list[datetime | None] = [*edges, None]
    counts = {
        f"age_{number}": Count("pk", filter=_opened(after, before))
        for number, (before, after) in enumerate(zip(newer, older, strict=True))
    }
    found = scope.requirements.open().aggregate(**counts, oldest=Min("opened_at"))
    return Waiting(by_age=tuple(found[name] for name in counts), oldest=found["oldest"])


def by_day(scope: Scope) -> dict[date, Counter[Outcome]]:
    """How many decisions of each outcome there were on each day, in the current time zone; days without are there."""
    quarter = Epoch("decisions__decided_at") / QUARTER
    rows = _decided(scope).values_list(quarter, OUTCOME).annotate(count=Count("pk"))
    days: dict[date, Counter[Outcome]] = {day: Counter() for day in scope.dates}
    zone = timezone.get_current_timezone()
    for number, outcome, count in rows:
        day = datetime.fromtimestamp(number * QUARTER, UTC).astimezone(zone).date()
        days.setdefault(day, Counter())[Outcome(outcome)] += count
    return days


def by_step(scope: Scope) -> list[StepNumbers]:
    """The numbers of each step, by workflow and name. Two queries."""
    times = _times(scope)
    rows = _decided(scope).values_list(*STEP, "run__workflow__title")
    counted = rows.annotate(
        decided=Count("pk"),
        timed_out=Count("pk", filter=Q(decisions__channel=TIMER)),
        rework=Count("pk", filter=REWORK & ~Q(decisions__channel=TIMER)),
    )
    return [
        StepNumbers(
            workflow=workflow,
            step=step,
            decided=decided,
            timed_out=timed_out,
            rework=rework,
            **times.get((workflow_id, step), {}),
        )
        for workflow_id, step, workflow, decided, timed_out, rework in counted.order_by(
            "run__workflow__title", "step_name"
        )
    ]


def by_person(scope: Scope) -> list[Load]:
    """Who has answered how much, and holds how much now, by name. Two queries."""
    answers = _answers(scope).annotate(who=F("decisions__person__username")).filter(who__isnull=False)
    answered = Counter(dict(answers.values_list("who").annotate(count=Count("pk"))))
    held = scope.requirements.open().filter(assignee__isnull=False, claimed_until__gt=scope.now)
    holds = Counter(dict(held.values_list("assignee__username").annotate(count=Count("pk"))))
    names = sorted({*answered, *holds}, key=str.casefold)
    return [Load(name=name, answered=answered[name], holds=holds[name]) for name in names]


def _times(scope: Scope) -> dict[tuple[UUID, str], dict[str, int]]:
    """Median and 95th percentile of each step; at most two rows of each reach us."""
    step = [F("run__workflow"), F("step_name")]
    took = Epoch("decisions__decided_at") - Epoch("opened_at")
    # An annotation is of the decision that is joined already; a condition on "decisions" would join all of them again.
    people = _decided(scope).annotate(took=took, door=F("decisions__channel")).exclude(door=TIMER)
    ranked = people.annotate(
        place=Window(RowNumber(), partition_by=step, order_by=took),
        size=Window(Count("*"), partition_by=step),
    )
    wanted = ranked.filter(Q(place=_middle(F("size"))) | Q(place=_95th(F("size"))))
    found: dict[tuple[UUID, str], dict[str, int]] = defaultdict(dict)
    for workflow, name, seconds, place, size in wanted.values_list(*STEP, "took", "place", "size"):
        if place == _middle(size):
            found[workflow, name]["median"] = max(0, seconds)
        if place == _95th(size):
            found[workflow, name]["p95"] = max(0, seconds)
    return found


def _middle(size: Any) -> Any:
    """The place of the median among so many, of a number or in a query."""
    return (size + 1) / 2 if isinstance(size, F) else (size + 1) // 2


def _95th(size: Any) -> Any:
    """The place of the 95th percentile, likewise."""
    return (size * 95 + 99) / 100 if isinstance(size, F) else (size * 95 + 99) // 100


def _decided(scope: Scope) -> RequirementQuerySet:
    """What was decided in the period, joined with the decision that stands."""
    return _answers(scope, decisions__closes=True)


def _answers(scope: Scope, **only: bool) -> RequirementQuerySet:
    """What was answered in the period, once for each answer that stands; `only`: conditions on the answer."""
    return scope.requirements.filter(
        decisions__decided_at__gte=scope.since, decisions__revision=F("revision"), **only
    )


def _opened(after: datetime | None, before: datetime | None) -> Q:
    opened = Q(opened_at__gt=after) if after else Q()
    return opened & Q(opened_at__lte=before) if before else opened
