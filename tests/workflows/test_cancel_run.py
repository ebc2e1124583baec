"""A run that waits ends at once, one that is driven is marked, one that has ended stays as it is."""

import pytest
from django.contrib.auth.models import User

from tests.rows import a_requirement, a_run
from tests.workflows.driving import an_ask, decide, events_of
from workflows.errors import (
    NotEligible,
    RunFinished,
)
from workflows.models import Requirement, WorkflowRun
from workflows.services import Actor, cancel_run
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    return a_run(requester, status=RunStatus.paused)


@pytest.mark.parametrize("name", ["requester", "admin"])
def test_a_run_that_waits_ends_at_once(request: pytest.FixtureRequest, run: WorkflowRun, name: str) -> None:
    requirement = a_requirement(run)

    cancel_run(run.id, actor=Actor.of(request.getfixturevalue(name)))

    run.refresh_from_db()
    requirement.refresh_from_db()
    assert (run.status, run.outcome, run.wake_at) == (RunStatus.cancelled, f"Cancelled by {name}", None)
    assert run.finished_at is not None
    assert requirement.status == Requirement.Status.WITHDRAWN
    assert events_of(run) == ["CancelRequested", "WorkflowCancelled"]


def test_a_decision_that_was_not_applied_is_withdrawn(run: WorkflowRun, reviewer: User, admin: User) -> None:
    requirement = an_ask(run)
    decide(requirement, reviewer)
    cancel_run(run.id, actor=Actor.of(admin))

    requirement.refresh_from_db()
    assert requirement.status == Requirement.Status.WITHDRAWN


def test_a_run_that_is_driven_is_only_marked(run: WorkflowRun, admin: User) -> None:
    WorkflowRun.objects.update(status=RunStatus.running, lease_owner="worker")

    cancel_run(run.id, actor=Actor.of(admin))

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by) == (RunStatus.running, "admin")
    assert events_of(run) == ["CancelRequested"]


@pytest.mark.parametrize("status", [status for status in RunStatus if status.finished])
def test_a_run_that_has_ended_cannot_be_cancelled(run: WorkflowRun, admin: User, status: RunStatus) -> None:
    WorkflowRun.objects.update(status=status)

    with pytest.raises(RunFinished, match=status):
        cancel_run(run.id, actor=Actor.of(admin))

    assert events_of(run) == []


@pytest.mark.parametrize("name", ["reviewer", "stranger"])
def test_others_may_not_cancel_it(request: pytest.FixtureRequest, run: WorkflowRun, name: str) -> None:
    with pytest.raises(NotEligible):
        cancel_run(run.id, actor=Actor.of(request.getfixturevalue(name)))

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by, events_of(run)) == (RunStatus.paused, "", [])
