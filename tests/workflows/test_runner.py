"""Driving a run from rest to rest: every time as a process that has never seen it, and no step twice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, NotSupportedError, OperationalError
from django.utils import timezone

from tests.workflows.driving import (
    a_flow,
    asked_by,
    claimed,
    decide,
    drive,
    events_of,
    lease_over,
    overdue,
    paused,
    record_of,
    started,
    work,
)
from tests.workflows.engine.runs import Recorder
from workflows import OnError, OnTimeout, Parallel, Step, StepInput, Workflow
from workflows.models import Requirement, Value, WorkflowRun
from workflows.services import Actor, cancel_run
from workflows.store import RunStore, claim
from workflows.types import RunStatus, StepStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps() -> Recorder:
    return Recorder()


@pytest.fixture
def gate(steps: Recorder) -> Workflow:
    return a_flow(
        steps.returning("ready", name="before"),
        Step("act", steps.returning("done", name="act"), requires_confirmation=True),
        steps.returning("told", name="after"),
    )


def meanwhile(happening: Callable[[], Any], name: str = "meanwhile", **options: Any) -> Step:
    """A step during which something else happens."""

    def function(step_input: StepInput) -> str:
        happening()
        return name

    return Step(name, function, **options)


def cut_off(flow: Workflow, input: Any = None) -> WorkflowRun:
    """A run whose worker died in the middle of its first call, and whose lease is over."""
    run = started(flow, input)
    holder = RunStore(claimed(flow))
    machine = holder.load(flow.plan)
    machine.ready()
    holder.save(machine)
    lease_over(run)
    return run


def test_a_run_goes_on_after_its_pause_and_no_step_runs_twice(
    gate: Workflow, steps: Recorder, reviewer: User
) -> None:
    requirement = paused(gate)
    assert steps.calls == ["before"]
    decide(requirement, reviewer)
    run = work(gate)

    assert run.status == RunStatus.completed
    assert steps.calls == ["before", "act", "after"]


def test_a_step_after_the_pause_sees_what_came_before_it(
    gate: Workflow, steps: Recorder, reviewer: User
) -> None:
    decide(paused(gate, {"amount": 1}), reviewer)
    work(gate)

    given = steps.inputs[1]
    assert (given.input, given.previous_step_content) == ({"amount": 1}, "ready")


def test_a_rejected_step_is_left_out(gate: Workflow, steps: Recorder, reviewer: User) -> None:
    requirement = paused(gate)
    decide(requirement, reviewer, "reject")
    run = work(gate)

    assert steps.calls == ["before", "after"]
    assert record_of(run, "act").status == "skipped"
    requirement.refresh_from_db()
    assert requirement.status == Requirement.Status.APPLIED


def test_a_run_that_ended_says_so(gate: Workflow, reviewer: User) -> None:
    decide(paused(gate), reviewer)
    run = work(gate)

    assert run.output is not None
    assert run.output.plain()["content"] == "told"
    assert run.finished_at is not None
    assert (run.wake_at, run.lease_owner) == (None, "")
    assert events_of(run)[-1] == "WorkflowCompleted"
    assert claim("worker", [gate.id]) is None


def test_a_run_that_failed_says_why(steps: Recorder) -> None:
    broken = steps.returning(ValueError("no such order"), name="broken")
    flow = a_flow(Step("broken", broken, max_retries=0, on_error=OnError.fail))
    started(flow)
    run = work(flow)

    assert run.status == RunStatus.error
    assert "no such order" in run.outcome
    assert (run.wake_at, run.output) == (None, None)
    assert events_of(run)[-1] == "WorkflowError"


def test_a_decision_while_the_run_is_driven_is_picked_up_before_letting_go(
    steps: Recorder, reviewer: User
) -> None:
    def decided() -> None:
        decide(asked_by(WorkflowRun.objects.get()), reviewer)

    act = Step("act", steps.returning("done", name="act"), requires_confirmation=True)
    flow = a_flow(Parallel(act, meanwhile(decided)))
    started(flow)

    assert work(flow).status == RunStatus.completed
    assert steps.calls == ["act"]


def test_a_cancel_while_a_step_runs_takes_effect_after_it(steps: Recorder, admin: User) -> None:
    def cancel() -> None:
        cancel_run(WorkflowRun.objects.get().id, actor=Actor.of(admin))

    flow = a_flow(meanwhile(cancel), steps.returning("told", name="after"))
    started(flow)
    run = work(flow)

    assert (run.status, run.outcome, run.wake_at) == (RunStatus.cancelled, "Cancelled by admin", None)
    assert steps.calls == []
    assert record_of(run, "meanwhile").output is not None
    assert record_of(run, "after").status == StepStatus.pending
    assert events_of(run)[-3:] == ["CancelRequested", "StepCompleted", "WorkflowCancelled"]


def test_a_run_whose_worker_died_is_cancelled_at_once(steps: Recorder, admin: User) -> None:
    flow = a_flow(Step("only", steps.returning("done", name="only"), repeatable=True))
    run = cut_off(flow)
    fence = WorkflowRun.objects.get().fence

    ended = cancel_run(run.id, actor=Actor.of(admin))
    assert (ended.status, ended.lease_owner, ended.fence) == (RunStatus.cancelled, "", fence + 1)
    assert steps.calls == []


def test_a_worker_that_lost_its_lease_writes_nothing_more(steps: Recorder) -> None:
    def another_takes_it() -> None:
        lease_over(WorkflowRun.objects.get())
        claimed(flow, owner="another")

    flow = a_flow(meanwhile(another_takes_it), steps.returning("told", name="after"))
    started(flow)
    run = work(flow)

    assert (run.lease_owner, run.status, run.fence) == ("another", RunStatus.running, 2)
    assert record_of(run, "meanwhile").output is None
    assert steps.calls == []


def test_a_call_that_was_cut_off_is_asked_about(steps: Recorder) -> None:
    flow = a_flow(steps.returning("paid", name="pay"))
    cut_off(flow)
    run = work(flow)

    requirement = asked_by(run)
    assert (run.status, requirement.kind, requirement.path) == (RunStatus.paused, "error", "pay")
    assert "was cut off" in requirement.message
    assert "StepInterrupted" in events_of(run)
    assert steps.calls == []


@pytest.mark.parametrize(("action", "calls"), [("retry", ["pay", "after"]), ("skip", ["after"])])
def test_a_person_says_whether_it_runs_again(
    steps: Recorder, reviewer: User, action: str, calls: list[str]
) -> None:
    flow = a_flow(steps.returning("paid", name="pay"), steps.returning("told", name="after"))
    cut_off(flow)
    decide(asked_by(work(flow)), reviewer, action)

    assert work(flow).status == RunStatus.completed
    assert steps.calls == calls


def test_a_repeatable_call_runs_again_under_the_same_key(
    steps: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dying(step_input: StepInput) -> str:
        keys.append(step_input.idempotency_key)
        if len(keys) == 1:
            raise Died
        return "fetched"

    keys: list[str | None] = []
    flow = a_flow(Step("fetch", dying, repeatable=True))
    run = started(flow)
    with pytest.raises(Died):
        work(flow)
    lease_over(run)

    assert work(flow).status == RunStatus.completed
    assert keys == [f"{run.id}:fetch:1"] * 2


def test_a_worker_that_stops_lets_the_call_come_back_and_the_run_go(steps: Recorder) -> None:
    stop = threading.Event()
    flow = a_flow(meanwhile(stop.set), steps.returning("told", name="after"))
    started(flow)
    run = drive(claimed(flow), flow, stop=stop)

    assert run.values.get(path="meanwhile").plain()["content"] == "meanwhile"
    assert (run.status, run.lease_owner, steps.calls) == (RunStatus.running, "", [])
    assert list(WorkflowRun.objects.due(timezone.now())) == [run]


def test_another_worker_goes_on_where_one_stopped(steps: Recorder) -> None:
    stop = threading.Event()

    def stopping() -> None:
        steps.calls.append("meanwhile")
        stop.set()

    flow = a_flow(meanwhile(stopping), steps.returning("told", name="after"))
    started(flow)
    drive(claimed(flow), flow, stop=stop)

    assert work(flow).status == RunStatus.completed
    assert steps.calls == ["meanwhile", "after"]


def test_a_paused_run_wakes_at_its_nearest_deadline(steps: Recorder) -> None:
    flow = a_flow(
        Step(
            "act",
            steps.returning("done", name="act"),
            requires_confirmation=True,
            hitl_timeout=60,
            on_timeout=OnTimeout.approve,
        )
    )
    requirement = paused(flow)

    assert requirement.timeout_at == requirement.opened_at + timedelta(seconds=60)
    assert requirement.run.wake_at == requirement.timeout_at


def test_a_deadline_that_passed_is_answered_and_the_run_goes_on(steps: Recorder) -> None:
    act = steps.returning("done", name="act")
    flow = a_flow(Step("act", act, requires_confirmation=True, hitl_timeout=60, on_timeout=OnTimeout.approve))
    requirement = paused(flow)
    overdue(requirement)

    assert work(flow).status == RunStatus.completed
    assert requirement.decisions.get().actor == "timer"
    assert steps.calls == ["act"]


def test_a_person_in_time_beats_the_deadline(steps: Recorder, reviewer: User) -> None:
    act = steps.returning("done", name="act")
    flow = a_flow(Step("act", act, requires_confirmation=True, hitl_timeout=60, on_timeout=OnTimeout.cancel))
    requirement = paused(flow)
    decide(requirement, reviewer)
    overdue(requirement)

    assert work(flow).status == RunStatus.completed


def changed(gate: Workflow, steps: Recorder, *names: str) -> Workflow:
    """The same workflow in its next version."""
    asking = {"act": True, "perform": True}
    made = (
        Step(name, steps.returning(name, name=name), requires_confirmation=asking.get(name, False))
        for name in names
    )
    return a_flow(*made)


@pytest.mark.parametrize(
    "names",
    [
        ("before", "perform", "after"),
        ("before", "after"),
        ("check", "before", "act", "after"),
        ("check", "act", "after"),
        ("act", "before", "after"),
    ],
    ids=["renamed", "removed", "one before it", "an earlier one renamed", "another order"],
)
def test_a_run_whose_place_is_gone_stops_and_says_so(
    gate: Workflow, steps: Recorder, reviewer: User, names: tuple[str, ...]
) -> None:
    decide(paused(gate), reviewer)
    steps.calls.clear()
    run = work(changed(gate, steps, *names))

    assert (run.status, run.lease_owner, run.wake_at) == (RunStatus.definition_changed, "", None)
    assert "definition" in run.outcome
    assert events_of(run)[-1] == "DefinitionChanged"
    assert steps.calls == []


def test_a_change_after_its_place_does_not_matter(gate: Workflow, steps: Recorder, reviewer: User) -> None:
    decide(paused(gate), reviewer)
    run = work(changed(gate, steps, "before", "act", "write", "after"))

    assert run.status == RunStatus.completed
    assert steps.calls == ["before", "act", "write", "after"]


def test_a_run_that_stopped_can_be_cancelled(
    gate: Workflow, steps: Recorder, reviewer: User, admin: User
) -> None:
    decide(paused(gate), reviewer)
    run = work(changed(gate, steps, "before", "after"))

    assert cancel_run(run.id, actor=Actor.of(admin)).status == RunStatus.cancelled


def test_a_cancel_that_was_asked_for_wins_over_a_changed_definition(
    gate: Workflow, steps: Recorder, reviewer: User, admin: User
) -> None:
    decide(paused(gate), reviewer)
    WorkflowRun.objects.update(cancel_requested_by=admin.username)
    run = work(changed(gate, steps, "before", "after"))

    assert (run.status, run.outcome) == (RunStatus.cancelled, "Cancelled by admin")
    assert run.finished_at is not None


def test_what_cannot_be_kept_fails_the_step_and_not_the_worker(steps: Recorder) -> None:
    flow = a_flow(Step("odd", steps.returning(object(), name="odd"), on_error=OnError.fail))
    started(flow)
    run = work(flow)

    assert run.status == RunStatus.error
    assert "Step 'odd'" in run.outcome
    assert Value.objects.filter(run=run, path="odd").count() == 1


def test_a_state_that_cannot_be_kept_fails_the_step_and_not_the_worker() -> None:
    def spoil(step_input: StepInput, session_state: dict[str, Any]) -> None:
        session_state["text"] = "half\0"

    flow = a_flow(Step("spoil", spoil, on_error=OnError.fail))
    started(flow)
    run = work(flow)

    assert run.status == RunStatus.error
    assert "null character" in run.outcome


@pytest.mark.django_db(transaction=True)
def test_a_long_step_keeps_its_lease(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.HITL_LEASE_SECONDS = 0.06
    beats = threading.Semaphore(0)
    extend = RunStore.extend

    def beating(holder: RunStore) -> None:
        extend(holder)
        beats.release()

    def long() -> None:
        for _ in range(3):
            assert beats.acquire(timeout=10)

    monkeypatch.setattr(RunStore, "extend", beating)
    flow = a_flow(meanwhile(long))
    started(flow)

    assert work(flow).status == RunStatus.completed


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_that_meets_a_busy_database_tries_again(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HITL_LEASE_SECONDS = 0.06
    beaten = threading.Event()
    extend = RunStore.extend

    def again(holder: RunStore) -> None:
        extend(holder)
        beaten.set()

    def busy(holder: RunStore) -> None:
        monkeypatch.setattr(RunStore, "extend", again)
        raise OperationalError("database is locked")

    monkeypatch.setattr(RunStore, "extend", busy)
    flow = a_flow(meanwhile(lambda: beaten.wait(10)))
    started(flow)

    assert work(flow).status == RunStatus.completed
    assert beaten.is_set()


def test_a_run_whose_rows_the_database_refuses_stops_and_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(store: RunStore, machine: Any) -> None:
        raise IntegrityError("one value per slot")

    monkeypatch.setattr(RunStore, "save", refused)
    flow = a_flow(meanwhile(lambda: None))
    started(flow)

    run = work(flow)
    assert run.status == RunStatus.error
    assert "one value per slot" in run.outcome


@pytest.mark.parametrize("error", [OperationalError, NotSupportedError])
def test_a_run_waits_for_a_database_that_went_away_or_is_migrated(
    error: type[DatabaseError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(store: RunStore, machine: Any) -> None:
        raise error("the connection is lost")

    monkeypatch.setattr(RunStore, "save", away)
    flow = a_flow(meanwhile(lambda: None))
    run = started(flow)

    with pytest.raises(error):
        work(flow)
    assert not WorkflowRun.objects.get(id=run.id).is_finished
