"""Runs that outlive their object, their process and their definition (W94, spec 3.15, decision 2)."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pydantic import BaseModel

from tests.acceptance.acting import Log, asked, results, reviewed
from workflows import HumanReview, Loop, OnReject, Step, StepInput, Workflow, services
from workflows.db import SqliteDb
from workflows.engine.snapshot import DefinitionChanged
from workflows.errors import LeaseLost, WorkflowDisabled
from workflows.hop import hop
from workflows.models import Requirement, RunEvent, Value, WorkflowRun
from workflows.models import Workflow as Registration
from workflows.run import RunStatus, WorkflowRunOutput
from workflows.types import Action, Answer


class Report(BaseModel):
    """A model as content."""

    title: str


def gated(handle: SqliteDb, *steps: Any, **options: Any) -> Workflow:
    """A workflow of these steps."""
    return Workflow(name="gated", db=handle, steps=list(steps), **options)


def gate(log: Log, name: str = "gate", **options: Any) -> Step:
    """A step that asks first."""
    return Step(name, log.step(name), requires_confirmation=True, **options)


def using(handle: SqliteDb) -> str:
    """Django's name for the database."""
    alias: str = handle.runs.using  # type: ignore[attr-defined]
    return alias


def decide(handle: SqliteDb, run: WorkflowRunOutput, action: Action, **said: Any) -> None:
    """Answer the open question as somebody else does."""
    alias = using(handle)

    def resolve() -> None:
        requirement = Requirement.objects.using(alias).open().get(run=UUID(run.run_id))
        services.resolve(
            requirement.id,
            revision=requirement.revision,
            answer=Answer(action=action, **said),
            actor=services.Actor(name="reviewer", channel="script"),
            using=alias,
        )

    hop(resolve)


def change(handle: SqliteDb, run: WorkflowRunOutput, **fields: Any) -> None:
    """Let the row of a run say something else."""
    rows = WorkflowRun.objects.using(using(handle)).filter(id=UUID(run.run_id))
    hop(rows.update, **fields)


def count(handle: SqliteDb, model: type[Any], **where: Any) -> int:
    """How many rows there are."""
    found: int = hop(model.objects.using(using(handle)).filter(**where).count)
    return found


def test_a_decision_made_elsewhere_is_what_counts(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    decide(handle, run, Action.reject, feedback="no")
    asked(run).confirm()
    done = workflow.continue_run(run)
    assert log.calls == []
    assert (done.step_requirements or [])[0].confirmed is False
    assert run.step_requirements == done.step_requirements, "the object that was passed is brought up to date"


def test_after_a_decision_made_elsewhere_nothing_needs_to_be_said(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    decide(handle, run, Action.approve)
    assert workflow.continue_run(run).status is RunStatus.completed


def test_a_stale_object_changes_nothing_of_what_was_decided(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log, "a"), gate(log, "b"))
    stale = workflow.run("x")
    fresh = workflow.get_run_output(stale.run_id or "")
    assert fresh
    asked(fresh).confirm()
    workflow.continue_run(fresh)
    asked(stale).reject()
    with pytest.raises(ValueError, match=r"unresolved step requirements: \['b'\]"):
        workflow.continue_run(stale)
    assert log.calls == ["a"]


def test_the_object_that_was_passed_is_updated(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    asked(run).confirm()
    done = workflow.continue_run(run)
    assert (run.status, run.content) == (done.status, done.content) == (RunStatus.completed, "gate(x)")


def test_two_scripts_continue_at_once_and_one_is_told(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    asked(run).confirm()
    change(handle, run, lease_owner="script:other", wake_at="2100-01-01T00:00Z")
    with pytest.raises(ValueError, match="script:other drives it"):
        workflow.continue_run(run)
    assert count(handle, Requirement, status="open") == 1, "nothing has changed"
    assert log.calls == []


def test_a_run_whose_script_died_is_taken_over_when_its_lease_is_over(handle: SqliteDb, log: Log) -> None:
    class Died(BaseException):
        """What kills a process."""

    def dying(step_input: StepInput) -> str:
        log.note("dying", step_input)
        if len(log.calls) == 1:
            raise Died
        return "done"

    def flow() -> Workflow:
        return gated(handle, Step("dying", dying, repeatable=True), log.step("end"))

    workflow = flow()
    with pytest.raises(Died):
        workflow.run("x")
    (run,) = workflow.get_session().runs  # type: ignore[union-attr]
    assert run.status is RunStatus.running
    with pytest.raises(ValueError, match="drives it"):
        flow().continue_run(run)
    change(handle, run, wake_at="2000-01-01T00:00Z")
    assert flow().continue_run(run).content == "end(done)"


def test_a_call_that_a_crash_cut_off_is_asked_about(handle: SqliteDb, log: Log) -> None:
    def dying(step_input: StepInput) -> str:
        raise KeyboardInterrupt

    workflow = gated(handle, Step("dying", dying), log.step("end"))
    with pytest.raises(KeyboardInterrupt):
        workflow.run("x")
    (run,) = workflow.get_session().runs  # type: ignore[union-attr]
    change(handle, run, wake_at="2000-01-01T00:00Z")
    run = workflow.continue_run(run)
    (error,) = run.steps_with_errors
    assert error.error_type == "Interrupted"
    error.skip()
    assert workflow.continue_run(run).status is RunStatus.completed


def test_another_script_with_a_lost_lease_writes_nothing(handle: SqliteDb, log: Log) -> None:
    def robbed(step_input: StepInput) -> str:
        (run,) = workflow.get_session().runs  # type: ignore[union-attr]
        change(handle, run, fence=99)
        return "too late"

    workflow = gated(handle, Step("robbed", robbed), log.step("end"))
    with pytest.raises(LeaseLost):
        workflow.run("x")
    assert log.calls == []


@pytest.mark.parametrize("added", ["renamed", "inserted"])
def test_a_changed_definition_stops_the_run_with_what_differs(handle: SqliteDb, log: Log, added: str) -> None:
    run = gated(handle, log.step("fetch"), gate(log)).run("x")
    other = [log.step("retrieve")] if added == "renamed" else [log.step("new"), log.step("fetch")]
    changed = gated(handle, *other, gate(log))
    asked(run).confirm()
    with pytest.raises(DefinitionChanged, match="The definition has"):
        changed.continue_run(run)
    seen = changed.get_run_output(run.run_id or "")
    assert seen
    assert seen.status is RunStatus.definition_changed
    assert "The definition has" in seen.content
    assert log.calls == ["fetch"]


def test_a_definition_that_changed_after_the_pause_goes_on(handle: SqliteDb, log: Log) -> None:
    run = gated(handle, log.step("fetch"), gate(log)).run("x")
    longer = gated(handle, log.step("fetch"), gate(log), log.step("added"))
    asked(run).confirm()
    assert longer.continue_run(run).content == "added(gate(fetch(x)))"


def test_a_run_can_be_looked_at_where_its_step_is_no_more(handle: SqliteDb, log: Log) -> None:
    run = gated(handle, log.step("fetch"), gate(log)).run("x")
    seen = gated(handle, log.step("fetch"), gate(log, "other")).get_run_output(run.run_id or "")
    assert seen
    assert (seen.is_paused, results(seen)) == (True, {"fetch": "fetch(x)"})


def test_with_the_old_definition_a_stopped_run_goes_on(handle: SqliteDb, log: Log) -> None:
    old = gated(handle, log.step("fetch"), gate(log))
    run = old.run("x")
    asked(run).confirm()
    with pytest.raises(DefinitionChanged):
        gated(handle, gate(log)).continue_run(run)
    assert old.continue_run(run_id=run.run_id, session_id=run.session_id).status is RunStatus.completed


def test_a_run_of_another_workflow_is_not_found(handle: SqliteDb, log: Log) -> None:
    run = gated(handle, gate(log)).run("x")
    other = Workflow(name="other", db=handle, steps=[log.step("fetch")])
    with pytest.raises(ValueError, match="Could not find run"):
        other.continue_run(run)
    assert other.get_run_output(run.run_id or "") is None


def test_a_model_comes_back_as_itself_and_the_status_as_an_enum(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log.step("report", Report(title="t")), gate(log))
    run = workflow.get_run_output(workflow.run("x").run_id or "")
    assert run
    assert run.step_results[0].content == Report(title="t")
    assert run.status is RunStatus.paused


def test_a_run_id_of_ones_own_is_kept_and_used_once(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x", run_id="mine")
    assert run.run_id == "mine"
    with pytest.raises(ValueError, match="There is a run with id mine already"):
        workflow.run("x", run_id="mine")
    asked(run).confirm()
    events = list(workflow.continue_run(run, stream=True))
    assert {event.run_id for event in events} == {"mine"}


def test_a_workflow_that_an_admin_switched_off_starts_no_run(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    workflow.run("x")
    hop(Registration.objects.using(using(handle)).update, enabled=False)
    with pytest.raises(WorkflowDisabled):
        workflow.run("x")


def test_a_run_can_be_cancelled_while_it_waits(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    assert workflow.cancel_run(run.run_id or "") is True
    assert workflow.cancel_run(run.run_id or "") is False
    seen = workflow.get_run_output(run.run_id or "")
    assert seen
    assert seen.is_cancelled
    with pytest.raises(ValueError, match="Current status: CANCELLED"):
        workflow.continue_run(run)


def test_who_decided_can_be_said(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    asked(run).confirm()
    workflow.continue_run(run, decided_by="requester")
    assert count(handle, RunEvent, type="RequirementDecided", actor="requester") == 1


def test_outputs_are_kept_once_however_many_pauses_follow(handle: SqliteDb, log: Log) -> None:
    big = "x" * 10_000
    steps = [
        Step(f"s{number}", log.step(f"s{number}", big), requires_confirmation=True) for number in range(6)
    ]
    workflow = gated(handle, *steps)
    run = workflow.run("x")
    while run.is_paused:
        asked(run).confirm()
        run = workflow.continue_run(run)
    texts = hop(lambda: list(Value.objects.using(using(handle)).values_list("data", flat=True)))
    assert sum(big in text for text in texts) == 6
    details = hop(lambda: list(Requirement.objects.using(using(handle)).values_list("details", flat=True)))
    assert sum(len(str(detail)) for detail in details) < 6_000


def test_the_fortieth_pause_costs_what_the_second_does(handle: SqliteDb, log: Log) -> None:
    review = HumanReview(requires_iteration_review=True, on_reject=OnReject.retry, max_retries=None)
    workflow = gated(handle, Loop([log.step("a")], name="l", max_iterations=50, human_review=review))
    run, costs = workflow.run("x"), []
    wrapper = hop(lambda: connections[using(handle)])
    wrapper.force_debug_cursor = True
    for _ in range(40):
        wrapper.queries_log.clear()
        asked(run).reject()
        run = workflow.continue_run(run)
        costs.append(len(wrapper.queries_log))
    assert costs[-1] == costs[1]
    assert reviewed((run.step_requirements or [])[0].step_output) == "a(x)"


def test_what_ran_before_a_crash_is_kept_step_by_step(handle: SqliteDb, log: Log) -> None:
    def dying(step_input: StepInput) -> str:
        raise KeyboardInterrupt

    workflow = gated(handle, log.step("a"), log.step("b"), dying)
    with pytest.raises(KeyboardInterrupt):
        workflow.run("x")
    (run,) = workflow.get_session().runs  # type: ignore[union-attr]
    assert results(run) == {"a": "a(x)", "b": "b(a(x))"}


def test_a_stream_that_nobody_reads_any_more_lets_go_of_its_run(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log.step("a"), log.step("b"))
    for event in workflow.run("x", stream=True, stream_events=True):
        if event.event == "StepStarted":
            break
    (run,) = workflow.get_session().runs  # type: ignore[union-attr]
    assert (run.status, log.calls) == (RunStatus.running, [])
    assert workflow.continue_run(run).content == "b(a(x))"
    assert log.calls == ["a", "b"]


async def test_the_same_awaited(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, log.step("a"), log.step("b"))
    stream = aiter(workflow.arun("x", stream=True, stream_events=True))
    async for event in stream:
        if event.event == "StepStarted":
            break
    await stream.aclose()
    (run,) = workflow.get_session().runs  # type: ignore[union-attr]
    assert (await workflow.acontinue_run(run)).content == "b(a(x))"
    assert log.calls == ["a", "b"]


def test_a_stream_left_at_its_pause_is_a_pause(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log))
    for event in workflow.run("x", stream=True):
        if event.is_paused:
            break
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    asked(run).confirm()
    assert workflow.continue_run(run).status is RunStatus.completed


async def test_w94_continuing_awaited_or_iterated_leaves_nothing_behind(handle: SqliteDb, log: Log) -> None:
    workflow = gated(handle, gate(log, "a"), gate(log, "b"))
    run = await workflow.arun("x")
    asked(run).confirm()
    async for _ in workflow.acontinue_run(run, stream=True):
        pass
    asked(run).confirm()
    async for _ in await workflow.acontinue_run(run, stream=True):
        pass
    assert run.status is RunStatus.completed
    assert count(handle, WorkflowRun, lease_owner="", wake_at=None) == 1
    assert {task.get_name() for task in asyncio.all_tasks()} == {asyncio.current_task().get_name()}  # type: ignore[union-attr]


def test_without_a_database_a_run_that_asks_cannot_be_continued(log: Log) -> None:
    workflow = Workflow(name="memory", steps=[log.step("a"), gate(log)])
    run = workflow.run("x")
    assert run.is_paused
    asked(run).confirm()
    with pytest.raises(ValueError, match="Could not find session with id"):
        workflow.continue_run(run)


def test_a_warning_says_that_somebody_else_was_faster(
    handle: SqliteDb, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    workflow = gated(handle, gate(log))
    run = workflow.run("x")
    decide(handle, run, Action.reject)
    asked(run).confirm()
    with caplog.at_level(logging.WARNING, logger="workflows.scripts"):
        workflow.continue_run(run)
    assert "Step 'gate': Already decided: reject by reviewer" in caplog.text
