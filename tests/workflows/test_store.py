"""Claiming, saving and letting go: one holder at a time, everything written once, nothing written after a loss."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from tests.workflows.driving import (
    a_flow,
    asked_by,
    claimed,
    decide,
    drive,
    events_of,
    lease_over,
    paused,
    record_of,
    started,
    statements,
    work,
)
from tests.workflows.engine.runs import Recorder
from workflows import Step, StepInput, Workflow, store
from workflows.demo.flows import refund
from workflows.demo.seed import REFUND
from workflows.errors import LeaseLost
from workflows.models import RunEvent, StepRecord, Value, WorkflowRun
from workflows.registry import register
from workflows.services import Actor, cancel_run
from workflows.store import RunStore, claim, next_due
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

# Statements, without those that mark transactions. What is written of a run at once is one of them on PostgreSQL.
START, RESOLVE, TO_THE_PAUSE, TO_THE_END = (
    (3, 7, 10, 19) if connection.vendor == "postgresql" else (5, 7, 16, 28)
)


@pytest.fixture
def steps() -> Recorder:
    return Recorder()


@pytest.fixture
def flow(steps: Recorder) -> Workflow:
    return a_flow(steps.returning("done", name="only"))


@pytest.fixture
def gate(steps: Recorder) -> Workflow:
    return a_flow(
        steps.returning("ready", name="before"),
        Step("act", steps.returning("done", name="act"), requires_confirmation=True),
        id="gate",
    )


def due_in(run: WorkflowRun, seconds: float) -> None:
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() + timedelta(seconds=seconds))


def test_a_claim_is_a_lease_under_a_higher_fence(flow: Workflow) -> None:
    run = started(flow)
    claim = claimed(flow, owner="here:1")

    run.refresh_from_db()
    assert (claim.run_id, claim.workflow, claim.fence) == (run.id, "flow", 1)
    assert (run.fence, run.lease_owner) == (1, "here:1")
    assert run.wake_at is not None
    assert run.wake_at > timezone.now() + store.lease() / 2


def test_what_is_claimed_is_not_claimed_again(flow: Workflow) -> None:
    started(flow)
    claimed(flow)

    assert claim("another", ["flow"]) is None


def test_a_lease_that_is_over_is_taken(flow: Workflow) -> None:
    run = started(flow)
    claimed(flow)
    lease_over(run)

    assert claimed(flow, owner="another").fence == 2


def test_only_known_workflows_are_claimed(flow: Workflow) -> None:
    started(flow)

    assert claim("worker", ["release"]) is None
    assert claim("worker", []) is None


def test_nothing_is_claimed_before_its_time(flow: Workflow) -> None:
    due_in(started(flow), 60)

    assert claim("worker", ["flow"]) is None


def test_what_was_due_first_is_claimed_first(flow: Workflow) -> None:
    started(flow)
    older = started(flow)
    due_in(older, -60)

    assert claimed(flow).run_id == older.id


def test_a_run_that_waits_for_people_is_not_claimed(gate: Workflow) -> None:
    paused(gate)

    assert claim("worker", ["gate"]) is None


def test_it_says_when_the_next_run_is_due(flow: Workflow, gate: Workflow) -> None:
    assert next_due(["flow"]) is None
    due_in(started(gate), 10)
    run = started(flow)

    run.refresh_from_db()
    assert next_due(["flow"]) == run.wake_at


def test_a_heartbeat_begins_the_lease_anew(flow: Workflow) -> None:
    run = started(flow)
    holder = RunStore(claimed(flow))
    due_in(run, 1)
    holder.extend()

    run.refresh_from_db()
    assert run.wake_at is not None
    assert run.wake_at > timezone.now() + store.lease() / 2


def test_who_lost_the_lease_cannot_prolong_it(flow: Workflow) -> None:
    run = started(flow)
    holder = RunStore(claimed(flow))
    lease_over(run)
    claimed(flow, owner="another")

    with pytest.raises(LeaseLost):
        holder.extend()


def test_a_late_heartbeat_does_not_wake_a_run_that_was_let_go(gate: Workflow) -> None:
    run = started(gate)
    claim = claimed(gate)
    holder = RunStore(claim)
    drive(claim, gate)

    with pytest.raises(LeaseLost):
        holder.extend()
    run.refresh_from_db()
    assert run.wake_at is None


def everything(run: WorkflowRun) -> list[Any]:
    models = (WorkflowRun, StepRecord, Value, RunEvent)
    return [list(model._default_manager.values()) for model in models]


def test_who_lost_the_lease_writes_nothing(flow: Workflow) -> None:
    run = started(flow)
    holder = RunStore(claimed(flow))
    machine = holder.load(flow.plan)
    machine.ready()
    lease_over(run)
    claimed(flow, owner="another")
    before = everything(run)

    with pytest.raises(LeaseLost):
        holder.save(machine)
    holder.stop(RunStatus.definition_changed, "too late", "DefinitionChanged")

    assert everything(run) == before


def test_what_happened_survives_the_process(gate: Workflow) -> None:
    requirement = paused(gate)

    run = requirement.run
    assert (run.status, run.lease_owner, run.wake_at) == (RunStatus.paused, "", None)
    assert record_of(run, "before").status == "completed"
    assert record_of(run, "act").status == "waiting"
    assert (requirement.path, requirement.kind, requirement.revision) == ("act", "confirmation", 1)


def test_its_events_are_in_order_and_point_at_what_is_asked(gate: Workflow) -> None:
    requirement = paused(gate)

    told = events_of(requirement.run)
    assert told == [
        "RunQueued",
        "WorkflowStarted",
        "StepStarted",
        "StepCompleted",
        "StepPaused",
        "WorkflowPaused",
    ]
    assert requirement.events.get().type == "StepPaused"


def test_an_output_is_stored_once(flow: Workflow) -> None:
    run = started(flow, {"amount": 1})
    work(flow)

    run.refresh_from_db()
    assert list(run.values.values_list("path", flat=True).order_by("path")) == ["", "only"]
    assert run.output == record_of(run, "only").output == run.values.get(path="only")


def test_a_finished_step_keeps_its_output_and_no_memo(flow: Workflow) -> None:
    run = started(flow)
    work(flow)

    record = record_of(run, "only")
    assert (record.status, record.memo, record.tries, record.in_flight) == ("completed", {}, 1, "")
    assert record.output is not None
    assert record.output.plain()["content"] == "done"
    assert record.finished_at is not None


def test_a_reviewed_output_is_the_evidence_and_not_copied(steps: Recorder) -> None:
    flow = a_flow(Step("draft", steps.returning("text", name="draft"), requires_output_review=True))
    requirement = paused(flow)

    assert requirement.evidence == requirement.run.values.get(path="draft")
    assert requirement.run.values.count() == 2


def test_an_edited_output_is_a_second_value(steps: Recorder, reviewer: User) -> None:
    flow = a_flow(Step("draft", steps.returning("text", name="draft"), requires_output_review=True))
    requirement = paused(flow)
    decide(requirement, reviewer, "edit", content="better text")
    run = work(flow)

    assert run.output is not None
    assert (run.output.slot, run.output.plain()["content"]) == ("edited:0", "better text")
    assert requirement.evidence is not None
    assert requirement.evidence.plain()["content"] == "text"


def test_a_run_with_a_call_under_way_is_not_let_go(flow: Workflow) -> None:
    run = started(flow)
    holder = RunStore(claimed(flow))
    machine = holder.load(flow.plan)
    machine.ready()
    machine.halt()
    holder.save(machine)

    run.refresh_from_db()
    assert (holder.released, run.lease_owner) == (False, "worker")


def test_what_comes_back_after_the_end_is_not_written(flow: Workflow, admin: User) -> None:
    run = started(flow)
    holder = RunStore(claimed(flow))
    machine = holder.load(flow.plan)
    (call,) = machine.ready()
    cancel_run(run.id, actor=Actor.of(admin))
    holder.save(machine)
    before = everything(run)
    machine.finish(call, call.settle("too late"))
    holder.save(machine)

    assert everything(run) == before


def counting(step_input: StepInput, session_state: dict[str, Any]) -> str:
    session_state["count"] = session_state.get("count", 0) + 1
    session_state[str(step_input.input)] = True
    return "counted"


def test_what_steps_change_in_the_session_is_kept() -> None:
    flow = a_flow(counting, counting)
    started(flow, "first")
    session = work(flow).session

    assert session.state == {"count": 2, "first": True}
    assert session.version == 2


def test_two_runs_of_a_session_merge_what_they_change() -> None:
    flow = a_flow(counting)
    claims = [(started(flow, name, session_id="shared"), claimed(flow))[1] for name in ("first", "second")]
    holders = [RunStore(claim) for claim in claims]
    for holder in holders:
        machine = holder.load(flow.plan)
        (call,) = machine.ready()
        machine.finish(call, call.settle(call.function(*call.prepare()[0], **call.prepare()[1])))
        holder.save(machine)

    session = WorkflowRun.objects.first()
    assert session is not None
    assert session.session.state.keys() == {"count", "first", "second"}
    assert session.session.version == 2


def test_a_run_without_changes_leaves_the_session_alone(flow: Workflow) -> None:
    started(flow)

    assert work(flow).session.version == 0


def test_starting_a_run_costs_a_few_statements() -> None:
    register()

    assert len(statements(lambda: started(refund, REFUND))) <= START


def test_deciding_costs_a_few_statements(reviewer: User) -> None:
    register()
    requirement = paused(refund, REFUND)

    assert len(statements(lambda: decide(requirement, reviewer))) <= RESOLVE


def test_advancing_costs_a_bounded_number_of_statements(reviewer: User) -> None:
    register()
    run = started(refund, REFUND)
    to_the_pause = statements(lambda: work(refund))
    decide(asked_by(run), reviewer)
    to_the_end = statements(lambda: work(refund))

    run.refresh_from_db()
    assert run.status == RunStatus.completed
    assert len(to_the_pause) <= TO_THE_PAUSE
    assert len(to_the_end) <= TO_THE_END


def test_a_resume_costs_the_same_after_a_thousand_steps(reviewer: User) -> None:
    costs = {count: resumed_after(count, reviewer) for count in (10, 1000)}

    assert costs[10] == costs[1000]


def resumed_after(count: int, reviewer: User) -> int:
    """The statements of a resume in a run that has so many finished steps."""
    gate = Step("act", lambda _: "done", requires_confirmation=True)
    names = [f"step {number}" for number in range(count)]
    flow = a_flow(*(Step(name, lambda _: "done") for name in names), gate, id=f"flow-{count}")
    run = started(flow)
    holder = RunStore(claimed(flow))
    machine = holder.load(flow.plan)
    while machine.status is not RunStatus.paused:
        for call in machine.ready():
            machine.finish(call, call.settle("done"))
    holder.save(machine)  # once: what each step would have saved, together
    decide(asked_by(run), reviewer)
    return len(statements(lambda: work(flow)))
