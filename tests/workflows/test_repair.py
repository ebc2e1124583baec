"""A run that cannot go on is tried with the definition of now, or started anew; by admins, and it is written down."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_requirement, a_run
from tests.workflows.driving import a_flow, asked_by, at_once, drive_only, events_of, started, work
from workflows import Step, repair
from workflows.errors import NotEligible, WorkflowDisabled, WrongStatus
from workflows.models import Requirement, Value, Workflow, WorkflowRun
from workflows.services import Actor
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

INPUTS = '{"input":{"order":7}}'


def nothing(step_input: Any) -> str:
    return "done"


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    """Give a run that stopped because its definition changed, with a question that was open then."""
    run = a_run(
        requester, status=RunStatus.definition_changed, outcome="no 'pay' any more", summary="order: 7"
    )
    Value.objects.create(run=run, slot="inputs", data=INPUTS)
    return run


def test_a_run_is_tried_with_the_definition_of_now(run: WorkflowRun, admin: User) -> None:
    repair.retry_changed(run.id, actor=Actor.of(admin))

    run.refresh_from_db()
    assert (run.status, run.outcome) == (RunStatus.running, "")
    assert run.wake_at is not None
    event = run.events.get()
    assert (event.type, event.actor, event.data) == ("RunRepointed", "admin", {"reason": "no 'pay' any more"})


def test_it_goes_on_where_the_definition_fits_again(admin: User, reviewer: User) -> None:
    first = a_flow(Step("ask", nothing, requires_confirmation=True), id="flow")
    run = drive_only(started(first), first)
    other = a_flow(Step("look", nothing), Step("ask", nothing, requires_confirmation=True), id="flow")
    WorkflowRun.objects.update(wake_at=run.created_at)
    assert work(other).status == RunStatus.definition_changed

    repair.retry_changed(run.id, actor=Actor.of(admin))
    assert work(other).status == RunStatus.definition_changed
    repair.retry_changed(run.id, actor=Actor.of(admin))
    assert work(first).status == RunStatus.paused
    assert asked_by(run).step_name == "ask"


@pytest.mark.parametrize("status", [RunStatus.paused, RunStatus.error, RunStatus.completed])
def test_only_a_run_that_stopped_for_that_is_tried(run: WorkflowRun, admin: User, status: RunStatus) -> None:
    WorkflowRun.objects.update(status=status)

    with pytest.raises(WrongStatus, match=status):
        repair.retry_changed(run.id, actor=Actor.of(admin))

    assert events_of(run) == []


def test_a_new_run_gets_the_same_and_the_old_one_ends(run: WorkflowRun, admin: User, requester: User) -> None:
    asked = a_requirement(run)
    Workflow.objects.update(fingerprint="of now")

    fresh = repair.restart_run(run.id, actor=Actor.of(admin))

    run.refresh_from_db()
    asked.refresh_from_db()
    assert (run.status, asked.status) == (RunStatus.cancelled, Requirement.Status.WITHDRAWN)
    assert (fresh.status, fresh.fingerprint, fresh.requested_by) == (RunStatus.pending, "of now", requester)
    assert (fresh.summary, fresh.session_id, fresh.source) == ("order: 7", run.session_id, "restart")
    assert Value.objects.get(run=fresh).data == INPUTS
    assert fresh.wake_at is not None
    assert events_of(run) == ["CancelRequested", "WorkflowCancelled", "RunRestarted"]
    assert fresh.events.get().data == {"source": "restart", "restart_of": str(run.id)}


def test_a_new_run_gets_the_files_too(run: WorkflowRun, admin: User) -> None:
    Value.objects.create(run=run, slot="file:abc", data='{"content":"a file"}')
    fresh = repair.restart_run(run.id, actor=Actor.of(admin))
    assert Value.objects.get(run=fresh, slot="file:abc").data == '{"content":"a file"}'


def test_a_run_that_failed_is_started_anew_and_stays_failed(run: WorkflowRun, admin: User) -> None:
    WorkflowRun.objects.update(status=RunStatus.error)

    fresh = repair.restart_run(run.id, actor=Actor.of(admin))

    run.refresh_from_db()
    assert run.status == RunStatus.error
    assert run.events.get().data == {"restarted_as": str(fresh.id)}


def test_a_second_restart_is_the_same_run(run: WorkflowRun, admin: User) -> None:
    first, second = (repair.restart_run(run.id, actor=Actor.of(admin)) for _ in range(2))

    assert first == second
    assert WorkflowRun.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_start_one_run(run: WorkflowRun, admin: User) -> None:
    first, second = at_once(*[lambda: repair.restart_run(run.id, actor=Actor.of(admin))] * 2)

    assert first == second
    assert WorkflowRun.objects.count() == 2


@pytest.mark.parametrize("status", [RunStatus.paused, RunStatus.running, RunStatus.completed])
def test_a_run_that_goes_on_or_went_well_is_not_started_anew(
    run: WorkflowRun, admin: User, status: RunStatus
) -> None:
    WorkflowRun.objects.update(status=status)

    with pytest.raises(WrongStatus, match=status):
        repair.restart_run(run.id, actor=Actor.of(admin))


def test_a_workflow_that_is_switched_off_is_not_started_anew(run: WorkflowRun, admin: User) -> None:
    Workflow.objects.update(enabled=False)

    with pytest.raises(WorkflowDisabled):
        repair.restart_run(run.id, actor=Actor.of(admin))

    assert events_of(run) == []


@pytest.mark.parametrize("name", ["requester", "reviewer", "stranger"])
def test_others_may_do_neither(request: pytest.FixtureRequest, run: WorkflowRun, name: str) -> None:
    actor = Actor.of(request.getfixturevalue(name))

    for does in (repair.retry_changed, repair.restart_run):
        with pytest.raises(NotEligible):
            does(run.id, actor=actor)

    assert events_of(run) == []
    assert WorkflowRun.objects.count() == 1
