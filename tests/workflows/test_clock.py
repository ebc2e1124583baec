"""A clock that was ahead is set back: what it has put off comes when it would have come."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.workflows.driving import a_flow, claimed, decide, paused, started, work
from workflows import Step, Workflow, clock
from workflows.attendance import Lead, take_lead
from workflows.clock import Rewound, set_right
from workflows.models import Requirement, WorkflowRun
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=5)


@pytest.fixture
def flow() -> Workflow:
    return a_flow(Step("act", lambda given: "done", requires_confirmation=True))


def woken(run: WorkflowRun) -> datetime | None:
    return WorkflowRun.objects.values_list("wake_at", flat=True).get(id=run.id)


def is_due(run: WorkflowRun) -> bool:
    at = woken(run)
    return at is not None and at <= timezone.now()


def test_a_run_that_was_started_in_the_future_is_due(flow: Workflow) -> None:
    run = started(flow)
    later = timezone.now() + HOUR
    WorkflowRun.objects.filter(id=run.id).update(created_at=later, wake_at=later)

    assert set_right() == 1
    assert is_due(run)


def test_a_lease_lasts_no_longer_than_leases_do(flow: Workflow) -> None:
    run = started(flow)
    claimed(flow)
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() + HOUR)
    set_right()

    at = woken(run)
    assert at is not None
    assert at < timezone.now() + timedelta(minutes=1)


def test_a_deadline_comes_when_it_was_meant_to(flow: Workflow) -> None:
    requirement = paused(flow)
    later = timezone.now() + HOUR
    Requirement.objects.update(opened_at=later, timeout_at=later + SOON)
    WorkflowRun.objects.update(wake_at=later + SOON)
    set_right()

    requirement.refresh_from_db()
    assert requirement.timeout_at is not None
    assert abs(requirement.timeout_at - timezone.now() - SOON) < timedelta(seconds=1)
    assert is_due(requirement.run)


def test_a_deadline_that_is_far_away_stays_there(flow: Workflow) -> None:
    requirement = paused(flow)
    later = timezone.now() + HOUR
    Requirement.objects.update(timeout_at=later)
    WorkflowRun.objects.update(wake_at=later)

    assert set_right() == 0
    assert woken(requirement.run) == later


def test_a_hold_is_as_long_as_it_was_meant_to_be(
    flow: Workflow, reviewer: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HITL_HOLD_SECONDS = SOON.total_seconds()
    requirement, now = paused(flow), timezone.now
    with monkeypatch.context() as ahead:
        ahead.setattr(timezone, "now", lambda: now() + HOUR)
        decide(requirement, reviewer)
    set_right()

    requirement.refresh_from_db()
    assert requirement.release_at is not None
    assert abs(requirement.release_at - timezone.now() - SOON) < timedelta(seconds=1)


def test_what_was_decided_at_once_comes_about_now(
    flow: Workflow, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirement, now = paused(flow), timezone.now
    with monkeypatch.context() as ahead:
        ahead.setattr(timezone, "now", lambda: now() + HOUR)
        decide(requirement, reviewer)
    assert not is_due(requirement.run)

    set_right()
    assert work(flow).status == RunStatus.completed


def test_it_looks_when_the_clock_went_back_and_not_else(
    flow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, ahead = timezone.now, HOUR
    monkeypatch.setattr(timezone, "now", lambda: now() + ahead)
    look = Rewound()
    look()
    run = started(flow)
    monkeypatch.setattr(clock, "WHILE", 0.0)
    assert look() == 0

    ahead = timedelta(0)
    assert look() == 1
    assert is_due(run)


def test_a_lead_that_would_never_end_is_taken_over() -> None:
    Lead.objects.create(duty="sweep", owner="gone", until=timezone.now() + HOUR)

    assert take_lead("sweep", "here", timedelta(seconds=3))
