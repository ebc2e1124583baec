"""Steps that fail: fail, skip, or ask (W80-W83)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, kinds, results
from workflows import ErrorRequirement, OnError, Step, StepInput, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus, WorkflowRunOutput


def calling(handle: SqliteDb, log: Log, times: int = 1, **options: Any) -> Workflow:
    """A call that fails so many times and asks what to do, and an end."""
    settings: dict[str, Any] = {"on_error": OnError.pause, "max_retries": 0} | options
    call = Step("call", log.fails("call", times), **settings)
    return Workflow(name="calling", db=handle, steps=[call, log.step("end")])


def failed(run: WorkflowRunOutput) -> ErrorRequirement:
    """The one failure that waits."""
    (error,) = run.steps_with_errors
    return error


def test_w80_a_failure_pauses_and_says_what_it_was(handle: SqliteDb, log: Log, way: Way) -> None:
    run = way.run(calling(handle, log))
    assert (run.is_paused, run.paused_step_name, run.pause_kind) == (True, "call", "step")
    error = failed(run)
    assert (error.step_name, error.step_index) == ("call", 0)
    assert (error.error_message, error.error_type) == ("call broke", "ValueError")


def test_w80_once_more_runs_it_again(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = calling(handle, log)
    run = way.run(workflow)
    failed(run).retry()
    assert way.resume(workflow, run).content == "end(call worked)"
    assert log.calls == ["call", "call", "end"]


def test_w80_failing_again_asks_again_and_counts(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = calling(handle, log, times=2)
    run = way.run(workflow)
    failed(run).retry()
    run = way.resume(workflow, run)
    assert failed(run).retry_count == 1
    assert [error.decision for error in run.error_requirements or []] == ["retry", None]
    failed(run).retry()
    assert way.resume(workflow, run).status is RunStatus.completed


def test_w80_or_it_goes_on_without(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = calling(handle, log)
    run = way.run(workflow)
    failed(run).skip()
    done = way.resume(workflow, run)
    assert done.status is RunStatus.completed
    assert log.calls == ["call", "end"]


def test_w80_undecided_it_stays(handle: SqliteDb, log: Log) -> None:
    workflow = calling(handle, log)
    run = workflow.run("x")
    with pytest.raises(ValueError, match=r"Cannot continue run - unresolved error requirements: \['call'\]"):
        workflow.continue_run(run)
    failed(run).skip()
    assert workflow.continue_run(run).status is RunStatus.completed


def test_w80_by_ids_with_error_requirements(handle: SqliteDb, log: Log) -> None:
    run = calling(handle, log).run("x")
    failed(run).retry()
    answered = [error.to_dict() for error in run.error_requirements or []]
    done = calling(handle, log).continue_run(
        run_id=run.run_id, session_id=run.session_id, step_requirements=answered
    )
    assert done.status is RunStatus.completed


def test_w81_by_default_a_failed_output_is_recorded(handle: SqliteDb, log: Log, way: Way) -> None:
    run = way.run(calling(handle, log, on_error="skip"))
    assert run.status is RunStatus.completed
    output = run.step_results[0]
    assert (output.success, output.error) == (False, "call broke")
    assert output.content == "Step skipped due to error: call broke"
    assert log.calls == ["call", "end"]


def test_w81_fail_raises_what_the_step_raised_and_keeps_the_run(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = calling(handle, log, on_error="fail")
    with pytest.raises(ValueError, match="call broke"):
        way.run(workflow)
    session = workflow.get_session()
    assert session
    run = session.runs[-1]
    assert (run.status, run.content) == (RunStatus.error, "Step 'call' failed: call broke")
    assert log.calls == ["call"]


def test_w81_a_stream_tells_the_failure_before_it_raises(handle: SqliteDb, log: Log) -> None:
    told: list[Any] = []
    with pytest.raises(ValueError, match="call broke"):
        told.extend(calling(handle, log, on_error="fail").run("x", stream=True))
    assert told[-1].event == "WorkflowError"
    assert told[-1].error == "Step 'call' failed: call broke"


def test_w82_a_stream_tells_the_error(handle: SqliteDb, log: Log) -> None:
    workflow = calling(handle, log)
    *_, error, paused = workflow.run("x", stream=True, stream_events=True)
    assert (error.event, error.step_name, error.error) == ("StepError", "call", "call broke")
    assert paused.event == "WorkflowPaused"
    assert paused.error_requirements[0].error_message == "call broke"
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    failed(run).retry()
    told = kinds(workflow.continue_run(run, stream=True, stream_events=True))
    assert told[:2] == ["StepContinued call", "StepStarted call"]


async def test_w82_the_same_awaited(handle: SqliteDb, log: Log) -> None:
    events = [event async for event in calling(handle, log).arun("x", stream=True)]
    assert kinds(events)[-2:] == ["StepError call", "WorkflowPaused"]


def test_w83_a_failure_after_a_confirmation_keeps_the_history(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = calling(handle, log, requires_confirmation=True)
    run = way.run(workflow)
    asked(run).confirm()
    run = way.resume(workflow, run)
    assert [requirement.confirmed for requirement in run.step_requirements or []] == [True]
    failed(run).retry()
    done = way.resume(workflow, run)
    assert done.status is RunStatus.completed
    assert [requirement.confirmed for requirement in done.step_requirements or []] == [True]


def test_the_programs_own_tries_come_first(handle: SqliteDb, log: Log) -> None:
    run = calling(handle, log, times=3, max_retries=3).run("x")
    assert run.status is RunStatus.completed
    assert log.calls == ["call"] * 4 + ["end"]


def test_skip_on_failure_never_asks(handle: SqliteDb, log: Log) -> None:
    run = calling(handle, log, skip_on_failure=True).run("x")
    assert results(run)["call"] == "Step call failed but skipped"


def test_a_value_that_cannot_be_kept_is_refused_with_step_and_type(handle: SqliteDb) -> None:
    def bad(step_input: StepInput) -> object:
        return object()

    workflow = Workflow(name="bad", db=handle, steps=[Step("bad", bad, on_error="fail")])
    with pytest.raises(TypeError, match=r"Step 'bad': a value of type builtins\.object cannot be kept"):
        workflow.run("x")
