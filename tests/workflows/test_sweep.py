"""What time brings about is done with nobody looking: once, whoever sweeps, also where no worker has the code."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from tests.rows import a_run
from tests.waiting import eventually
from tests.workflows.driving import (
    SCRIPT,
    a_flow,
    an_ask,
    at_once,
    claimed,
    decide,
    drive,
    events_of,
    lease_over,
    overdue,
    paused,
    started,
)
from tests.workflows.engine.runs import Recorder
from workflows import HumanReview, OnTimeout, Step, Workflow, attendance, sweep
from workflows.models import Lead, Requirement, WorkerBeat, WorkflowRun
from workflows.nudging import Crew
from workflows.services import cancel_run
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

NOBODY = Crew(name="worker", workflows={})
PAST = timedelta(seconds=-1)


def swept() -> int:
    """One round, by a process that has no workflow's code."""
    return sweep.sweep(sweep.sweepers(NOBODY))


@pytest.fixture
def gate() -> Workflow:
    review = HumanReview(
        requires_confirmation=True, timeout=3600, on_timeout=OnTimeout.approve, remind_after=60
    )
    return a_flow(Step("act", Recorder().returning("done", name="act"), human_review=review), id="gate")


@pytest.fixture
def requirement(gate: Workflow) -> Requirement:
    return paused(gate)


def changed(requirement: Requirement, **fields: Any) -> None:
    Requirement.objects.filter(id=requirement.id).update(**fields)


def test_a_decision_is_released_when_its_hold_is_over(
    requirement: Requirement, reviewer: User, settings: Any
) -> None:
    settings.HITL_HOLD_SECONDS = 60
    decide(requirement, reviewer)
    swept()  # people are told of the question
    assert swept() == 0
    assert "DecisionReleased" not in events_of(requirement.run)
    changed(requirement, release_at=timezone.now() + PAST)

    assert (swept(), swept()) == (1, 0)
    assert events_of(requirement.run).count("DecisionReleased") == 1


def test_a_deadline_that_has_passed_is_answered(requirement: Requirement) -> None:
    overdue(requirement)

    assert (swept(), swept()) == (1, 0)
    decision = requirement.decisions.get()
    assert (decision.action, decision.actor) == ("approve", "timer")


def test_a_deadline_passes_while_the_run_is_driven(gate: Workflow, requirement: Requirement) -> None:
    WorkflowRun.objects.update(wake_at=timezone.now())
    claim = claimed(gate)
    overdue(requirement)
    swept()

    assert drive(claim, gate).status == RunStatus.completed


def test_people_are_reminded(requirement: Requirement) -> None:
    changed(requirement, opened_at=timezone.now() - timedelta(seconds=61), next_step_at=timezone.now() + PAST)

    assert (swept(), swept()) == (1, 0)
    assert events_of(requirement.run).count("RequirementReminded") == 1


def test_a_run_that_was_cancelled_ends_when_its_driver_has_died(gate: Workflow) -> None:
    run = started(gate)
    claimed(gate)
    cancel_run(run.id, actor=SCRIPT)
    assert swept() == 0
    lease_over(run)

    assert (swept(), swept()) == (1, 0)
    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.cancelled, "Cancelled by script")


@pytest.mark.django_db(transaction=True)
def test_several_who_sweep_at_once_do_everything_once(requester: User) -> None:
    runs = [a_run(requester, status=RunStatus.paused) for _ in range(5)]
    for run in runs:
        overdue(an_ask(run, on_timeout=OnTimeout.approve))
    results = at_once(*[swept] * 4)

    assert not [result for result in results if isinstance(result, Exception)]
    assert [events_of(run) for run in runs] == [["RequirementDecided"]] * 5


def test_one_that_fails_does_not_keep_the_others_from_it(
    requirement: Requirement, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> int:
        raise KeyError("a mistake")

    def away() -> int:
        raise OperationalError("the database is away")

    overdue(requirement)
    with caplog.at_level(logging.WARNING):
        assert sweep.sweep([broken, away, *sweep.sweepers(NOBODY)]) == 1
    assert "a sweeper failed" in caplog.text
    assert "the database is away" in caplog.text


def test_a_run_that_cannot_be_helped_does_not_keep_the_others_from_it(
    requirement: Requirement, requester: User, caplog: pytest.LogCaptureFixture
) -> None:
    odd = an_ask(a_run(requester, status=RunStatus.paused))
    changed(odd, details={"no": "question"}, timeout_at=timezone.now() - timedelta(hours=1))
    overdue(requirement)

    assert swept() == 1
    assert f"run {odd.run_id}: the sweep could not do what is due" in caplog.text


def rang() -> int:
    """What another app has to sweep."""
    return 7


def test_other_apps_sweep_along(settings: Any) -> None:
    settings.HITL_SWEEPERS = [f"{__name__}.rang"]

    assert swept() == 7


def test_one_leads_until_it_is_not_heard_of_any_more() -> None:
    def lead(owner: str) -> bool:
        return attendance.take_lead("sweep", owner, timedelta(seconds=3))

    assert [lead("first"), lead("second"), lead("first")] == [True, False, True]
    Lead.objects.update(until=timezone.now())
    assert [lead("second"), lead("first")] == [True, False]


def test_who_leaves_lets_the_next_one_lead_at_once() -> None:
    attendance.take_lead("sweep", "first", timedelta(hours=1))
    attendance.leave("first")

    assert attendance.take_lead("sweep", "second", timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_one_of_those_who_ask_at_once_leads() -> None:
    def asking(owner: str) -> Callable[[], bool]:
        return lambda: attendance.take_lead("sweep", owner, timedelta(seconds=3))

    assert sorted(at_once(*map(asking, "abcd"))) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_a_process_that_sweeps_is_known_until_it_leaves(tmp_path: Path) -> None:
    with sweep.sweeping(Crew(name="here:1", workflows={}, concurrency=3)):
        beat = eventually(WorkerBeat.objects.first)
        assert (beat.name, beat.concurrency, beat.is_alive()) == ("here:1", 3, True)
    assert not WorkerBeat.objects.exists()
    assert not Lead.objects.exists()


def test_what_died_long_ago_is_forgotten() -> None:
    now = timezone.now()
    for name, seen in (("dead", now - timedelta(hours=2)), ("missing", now - timedelta(minutes=1))):
        WorkerBeat.objects.create(name=name, transport="database", started_at=seen, seen_at=seen)

    assert swept() == 1
    assert [(beat.name, beat.is_alive()) for beat in WorkerBeat.objects.all()] == [("missing", False)]
