"""The insights page, and its numbers as files. Everybody has one: it counts what they may see."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hitl_portal.insights import charts, counting
from hitl_portal.insights.counting import StepNumbers
from hitl_portal.insights.exports import (
    DECISIONS,
    MOST_DECISIONS,
    NUMBERS,
    decision_rows,
    number_rows,
)
from hitl_portal.insights.scope import PERIODS, Scope, workflows_seen
from hitl_portal.insights.sheets import sheet
from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST_STEPS = 12


@require_safe
@page
def insights(request: "PageRequest") -> HttpResponse:
    """All charts; `?workflow=` and `?days=` say of what."""
    workflows = workflows_seen(request.user)
    scope = Scope.of(request.user, request.GET.dict(), workflows)
    context = {"scope": scope, "workflows": workflows, "periods": PERIODS, "most": MOST_DECISIONS}
    return render(request, "insights/page.html", context | _drawn(scope))


@require_safe
@page
def numbers(request: "PageRequest") -> HttpResponse:
    """The page's numbers as CSV."""
    scope = _asked(request)
    return sheet(f"numbers-{scope.days}-days", NUMBERS, number_rows(scope))


@require_safe
@page
def decisions(request: "PageRequest") -> HttpResponse:
    """The decisions behind them as CSV."""
    scope = _asked(request)
    return sheet(f"decisions-{scope.days}-days", DECISIONS, decision_rows(scope))


def _asked(request: "PageRequest") -> Scope:
    return Scope.of(request.user, request.GET.dict(), workflows_seen(request.user))


def _drawn(scope: Scope) -> dict[str, Any]:
    waiting, steps = counting.waiting(scope), counting.by_step(scope)
    shown = _busiest(steps)
    decided = sum(step.decided for step in steps)
    timed_out, rework = sum(step.timed_out for step in steps), sum(step.rework for step in steps)
    return {
        "waiting": waiting,
        "ages": charts.ages(waiting),
        "days": charts.days(counting.by_day(scope)),
        "times": charts.times(shown),
        "timeouts": charts.timeouts(shown),
        "rework": charts.rework(shown),
        "loads": charts.loads(counting.by_person(scope)),
        "steps_left_out": len(steps) - len(shown),
        "decided": decided,
        "timed_out": charts.percent(timed_out, decided),
        "sent_back": charts.percent(rework, decided - timed_out),
    }


def _busiest(steps: list[StepNumbers]) -> list[StepNumbers]:
    """The steps with the most decisions, in their own order, so that the page stays small."""
    most = set(sorted(steps, key=lambda step: -step.decided)[:MOST_STEPS])
    return [step for step in steps if step in most]
