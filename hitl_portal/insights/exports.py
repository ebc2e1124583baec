"""Exports: the numbers of the page, and the decisions behind them, as rows. Their words are the database's."""

from collections.abc import Iterator
from typing import Any

from hitl_portal.insights import counting
from hitl_portal.insights.counting import AGES, Outcome
from hitl_portal.insights.scope import Scope
from workflows.models import Decision

MOST_DECISIONS = 50_000

NUMBERS = ("figure", "workflow", "step", "day", "what", "value")
DECISIONS = (
    "decided_at",
    "workflow",
    "run",
    "summary",
    "step",
    "kind",
    "requirement",
    "revision",
    "action",
    "closes",
    "stands",
    "actor",
    "on_behalf_of",
    "channel",
    "asked_at",
    "seconds",
    "feedback",
)
FIELDS = (
    "decided_at",
    "requirement__run__workflow__name",
    "requirement__run",
    "requirement__run__summary",
    "requirement__step_name",
    "requirement__kind",
    "requirement",
    "revision",
    "action",
    "closes",
    "requirement__revision",
    "actor",
    "on_behalf_of__username",
    "channel",
    "requirement__opened_at",
    "feedback",
)


def number_rows(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Every number of the page, one a row."""
    waiting = counting.waiting(scope)
    limits = [f"less than {age.total_seconds() / 3600:g} hours" for age in AGES]
    for what, count in zip([*limits, "longer"], waiting.by_age, strict=True):
        yield ("waiting", "", "", "", what, count)
    for day, counts in counting.by_day(scope).items():
        for outcome in Outcome:
            yield ("decisions", "", "", day.isoformat(), outcome, counts[outcome])
    for step in counting.by_step(scope):
        for what in ("decided", "median", "p95", "timed_out", "rework"):
            value = getattr(step, what)
            unit = f"{what}_seconds" if what in ("median", "p95") else what
            yield ("steps", step.workflow, step.step, "", unit, "" if value is None else value)
    for person in counting.by_person(scope):
        yield ("load", "", "", "", person.name, person.answered)
        yield ("holds", "", "", "", person.name, person.holds)


def decision_rows(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """The decisions of the period, votes and undone ones too, the newest first; at most MOST_DECISIONS."""
    seen = Decision.objects.filter(requirement__in=scope.requirements, decided_at__gte=scope.since)
    newest = seen.order_by("-decided_at", "-id").values_list(*FIELDS)[:MOST_DECISIONS]
    for row in newest:
        said = dict(zip(FIELDS, row, strict=True))
        decided, asked = said["decided_at"], said["requirement__opened_at"]
        yield (
            decided.isoformat(),
            *row[1:10],
            said["revision"] == said["requirement__revision"],
            *row[11:14],
            asked.isoformat(),
            max(0, round((decided - asked).total_seconds())),
            said["feedback"],
        )
