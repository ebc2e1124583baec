"""What is counted: every decision that stands, once, as what it was."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hitl_portal.insights import counting
from hitl_portal.insights.counting import Load, Outcome
from hitl_portal.insights.scope import Scope
from tests.hitl_portal.conftest import Ask, new_run, person
from tests.hitl_portal.insights.conftest import MINUTE, Decide
from tests.statements import sent
from workflows.models import Requirement, Workflow


def outcomes(scope: Scope) -> dict[Outcome, int]:
    return dict(sum(counting.by_day(scope).values(), start=Counter[Outcome]()))


@pytest.mark.parametrize(
    ("action", "on_reject", "outcome"),
    [
        ("approve", "skip", "approved"),
        ("edit", "skip", "changed"),
        ("reject", "skip", "rejected"),
        ("reject", "retry", "rework"),
        ("cancel", "retry", "rejected"),
        ("retry", "skip", "mended"),
        ("skip", "skip", "mended"),
    ],
)
def test_each_answer_has_an_outcome(
    decide: Decide, scope: Scope, action: str, on_reject: str, outcome: str
) -> None:
    decide(action, on_reject=on_reject)

    assert outcomes(scope) == {Outcome(outcome): 1}


def test_silence_is_an_outcome_of_its_own_whatever_it_meant(decide: Decide, scope: Scope) -> None:
    decide("approve", person=None)
    decide("reject", person=None, on_reject="retry")

    assert outcomes(scope) == {Outcome.timed_out: 2}
    assert [(step.timed_out, step.rework) for step in counting.by_step(scope)] == [(2, 0)]


@pytest.mark.parametrize(("zone", "day"), [("UTC", 10), ("Asia/Kolkata", 11), ("America/New_York", 10)])
def test_days_are_those_of_the_time_zone(decide: Decide, scope: Scope, zone: str, day: int) -> None:
    decide(at=datetime(2026, 1, 10, 20, tzinfo=UTC))
    with timezone.override(zone):
        days = counting.by_day(replace(scope, now=datetime(2026, 1, 12, 12, tzinfo=UTC)))

    assert [made.day for made, counts in days.items() if counts] == [day]
    assert len(days) == 7


def test_what_is_older_than_the_period_is_not_counted(decide: Decide, scope: Scope) -> None:
    decide(days_ago=6)
    decide(days_ago=7)

    assert outcomes(scope) == {Outcome.approved: 1}


def test_what_was_undone_is_not_counted(decide: Decide, scope: Scope) -> None:
    decide(requirement={"revision": 2, "status": Requirement.Status.OPEN})

    assert outcomes(scope) == {}
    assert counting.by_person(scope) == []


def test_a_vote_is_load_and_no_decision(decide: Decide, scope: Scope) -> None:
    decide(closes=False)

    assert outcomes(scope) == {}
    assert counting.by_person(scope) == [Load(name="reviewer", answered=1, holds=0)]


def test_of_several_votes_each_is_counted_once(decide: Decide, scope: Scope) -> None:
    first = decide()
    for name in ("second", "third"):
        voter = person(name, "reviewers")
        said = {"revision": 1, "actor": name, "channel": "portal", "decided_at": first.decided_at}
        first.requirement.decisions.create(action="approve", person=voter, closes=False, **said)

    assert {load.name: load.answered for load in counting.by_person(scope)} == {
        "reviewer": 1,
        "second": 1,
        "third": 1,
    }


@pytest.mark.parametrize("count", [counting.by_day, counting.by_step, counting.by_person])
def test_only_the_decisions_of_the_period_are_read(decide: Decide, scope: Scope, count: Any) -> None:
    for days in range(0, 600, 3):
        decide(days_ago=days)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as made:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":  # which reads a table as small as this one from end to end
            cursor.execute("SET LOCAL enable_seqscan = off")
        count(scope)
        of_decisions = [said for said in sent(made) if "decided_at" in said]
        for sql in of_decisions:
            cursor.execute(f"{explain} {sql}")
            assert "decisions_by_time" in str(cursor.fetchall())


def test_the_times_are_the_nearest_rank(decide: Decide, scope: Scope) -> None:
    for minutes in range(1, 21):
        decide(took=minutes * MINUTE)

    step = counting.by_step(scope)[0]
    assert (step.median, step.p95) == (10 * MINUTE, 19 * MINUTE)


def test_one_decision_is_median_and_95th_percentile(decide: Decide, scope: Scope) -> None:
    decide(took=90)

    step = counting.by_step(scope)[0]
    assert (step.median, step.p95) == (90, 90)


def test_each_step_has_its_own_times(decide: Decide, scope: Scope) -> None:
    decide(step="check", took=10)
    decide(step="pay", took=30)
    decide(step="pay", took=50)

    assert {step.step: (step.median, step.p95) for step in counting.by_step(scope)} == {
        "check": (10, 10),
        "pay": (30, 50),
    }


def test_silence_has_no_time_to_a_decision(decide: Decide, scope: Scope) -> None:
    decide(person=None)

    assert counting.by_step(scope)[0].median is None


def test_workflows_of_one_title_are_kept_apart(decide: Decide, scope: Scope, requester: User) -> None:
    other = Workflow.objects.create(name="refund-2", title="Refund", fingerprint="f", outline={})
    decide(took=10)
    decide(took=70, run=new_run(other, requester))

    assert sorted(step.median or 0 for step in counting.by_step(scope)) == [10, 70]


def test_rework_is_a_share_of_what_people_decided(decide: Decide, scope: Scope) -> None:
    decide("reject", on_reject="retry")
    decide()
    decide(person=None)

    step = counting.by_step(scope)[0]
    assert (step.rework, step.by_people) == (1, 2)


@pytest.mark.parametrize(("hours", "place"), [(0.5, 0), (2, 1), (5, 2), (30, 3), (100, 4), (200, 5)])
def test_what_waits_is_counted_by_age(ask: Ask, scope: Scope, hours: float, place: int) -> None:
    opened = scope.now - timedelta(hours=hours)
    Requirement.objects.filter(id=ask().id).update(opened_at=opened)

    waiting = counting.waiting(scope)
    assert waiting.by_age[place] == waiting.total == 1
    assert waiting.oldest == opened


def test_what_was_decided_does_not_wait(decide: Decide, scope: Scope) -> None:
    decide()

    assert counting.waiting(scope).total == 0


def test_who_holds_something_is_there_without_an_answer(ask: Ask, scope: Scope, reviewer: User) -> None:
    Requirement.objects.filter(id=ask().id).update(
        assignee=reviewer, claimed_until=scope.now + timedelta(minutes=5)
    )
    Requirement.objects.filter(id=ask().id).update(assignee=reviewer, claimed_until=scope.now)

    assert counting.by_person(scope) == [Load(name="reviewer", answered=0, holds=1)]


def test_people_stand_in_the_order_of_their_names(decide: Decide, scope: Scope) -> None:
    for name in ("Zoë", "amy", "reviewer 2"):
        decide(person=person(name))
    decide(person=User.objects.get(username="amy"))

    assert [load.name for load in counting.by_person(scope)] == ["amy", "reviewer 2", "Zoë"]


def test_one_workflow_is_counted_alone(decide: Decide, scope: Scope, requester: User) -> None:
    other = Workflow.objects.create(name="leave", title="Leave", fingerprint="f", outline={})
    decide()
    decide("reject", run=new_run(other, requester))

    assert outcomes(replace(scope, workflow=other)) == {Outcome.rejected: 1}


def test_what_names_others_is_not_counted(decide: Decide, scope: Scope, ask: Ask) -> None:
    decide(requirement={"is_restricted": True})
    Requirement.objects.filter(id=ask().id).update(is_restricted=True)

    assert outcomes(scope) == {}
    assert counting.waiting(scope).total == 0
    assert not counting.by_step(scope)
    assert not counting.by_person(scope)
