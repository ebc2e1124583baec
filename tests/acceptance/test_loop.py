"""Loops that people start, and whose iterations they review (W56-W58)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, kinds, needs_cel, reviewed
from workflows import HumanReview, Loop, StepInput, StepOutput, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus


def looped(handle: SqliteDb, log: Log, *steps: Any, **options: Any) -> Workflow:
    """A loop of one step or of those given, and an end."""
    loop = Loop(list(steps) or [log.step("draft")], name="refine", **options)
    return Workflow(name="looped", db=handle, steps=[loop, log.step("end")])


def judged(handle: SqliteDb, log: Log, *steps: Any, **options: Any) -> Workflow:
    """One whose iterations are reviewed; a no means "again"."""
    settings: dict[str, Any] = {"requires_iteration_review": True, "on_reject": "retry"} | options
    return looped(handle, log, *steps, **settings)


def test_w56_a_yes_runs_all_iterations(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = looped(handle, log, requires_confirmation=True)
    run = way.run(workflow)
    assert asked(run).confirmation_message == "Execute loop 'refine'?"
    asked(run).confirm()
    assert way.resume(workflow, run).status is RunStatus.completed
    assert log.calls == ["draft", "draft", "draft", "end"]


def test_w56_a_no_runs_none(handle: SqliteDb, log: Log) -> None:
    workflow = looped(handle, log, requires_confirmation=True)
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).content == "end(x)"


def test_w57_a_review_follows_an_iteration_and_a_yes_ends_the_loop(
    handle: SqliteDb, log: Log, way: Way
) -> None:
    workflow = judged(handle, log)
    run = way.run(workflow)
    (requirement,) = run.steps_requiring_output_review
    assert requirement.output_review_message == "Loop 'refine' completed iteration 1/3. Continue?"
    assert reviewed(requirement.step_output) == "draft(x)"
    requirement.confirm()
    assert way.resume(workflow, run).content == "end(draft(x))"
    assert log.calls == ["draft", "end"]


def test_w57_a_no_iterates_again_with_feedback(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = judged(handle, log)
    run = way.run(workflow)
    asked(run).reject("shorter")
    run = way.resume(workflow, run)
    assert asked(run).output_review_message == "Loop 'refine' completed iteration 2/3. Continue?"
    assert (log.seen["draft"].additional_data or {})["rejection_feedback"] == "shorter"
    asked(run).reject()
    assert way.resume(workflow, run).status is RunStatus.completed, "the last one is not reviewed"
    assert log.calls == ["draft", "draft", "draft", "end"]


def test_w57_a_single_iteration_is_not_reviewed(handle: SqliteDb, log: Log) -> None:
    assert judged(handle, log, max_iterations=1).run("x").status is RunStatus.completed


def test_w57_streaming_goes_on_at_the_second_iteration(handle: SqliteDb, log: Log) -> None:
    workflow = judged(handle, log, log.step("one"), log.step("two"))
    run = workflow.run("x")
    asked(run).reject()
    events = list(workflow.continue_run(run, stream=True, stream_events=True))
    started = [event.iteration for event in events if event.event == "LoopIterationStarted"]
    assert started == [2]
    assert log.calls == ["one", "two", "one", "two"], kinds(events)


def test_w58_an_iteration_that_met_the_end_is_not_reviewed(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = judged(handle, log, end_condition=lambda outputs: outputs[-1].content == "draft(x)")
    assert way.run(workflow).content == "end(draft(x))"


def test_an_iteration_that_said_stop_is_not_reviewed(handle: SqliteDb, log: Log) -> None:
    def stop(step_input: StepInput) -> StepOutput:
        return StepOutput(content="enough", stop=True)

    run = judged(handle, log, stop).run("x")
    assert (run.status, run.content, log.calls) == (RunStatus.completed, "enough", [])


@pytest.mark.parametrize(("policy", "status"), [("skip", "COMPLETED"), ("cancel", "CANCELLED")])
def test_a_rejected_iteration_may_drop_the_loop_or_end_the_run(
    handle: SqliteDb, log: Log, policy: str, status: str
) -> None:
    workflow = judged(handle, log, on_reject=policy)
    run = workflow.run("x")
    asked(run).reject()
    done = workflow.continue_run(run)
    assert done.status == status
    assert log.calls == (["draft", "end"] if policy == "skip" else ["draft"])
    if policy == "skip":
        assert done.content == "end(x)"


def test_an_edited_iteration_is_what_flows_on(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = judged(handle, log)
    run = way.run(workflow)
    asked(run).edit("mine")
    assert way.resume(workflow, run).content == "end(mine)"


def test_forwarding_makes_an_iterations_end_the_next_ones_input(handle: SqliteDb, log: Log) -> None:
    workflow = judged(handle, log, forward_iteration_output=True)
    run = workflow.run("x")
    asked(run).reject()
    run = workflow.continue_run(run)
    assert reviewed(asked(run).step_output) == "draft(draft(x))"


def test_reviews_count_against_max_retries_too(handle: SqliteDb, log: Log) -> None:
    review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=1)
    workflow = looped(handle, log, max_iterations=5, human_review=review)
    run = workflow.run("x")
    asked(run).reject()
    run = workflow.continue_run(run)
    asked(run).reject()
    done = workflow.continue_run(run)
    assert (done.status, done.content) == (RunStatus.cancelled, "Max retries (1) reached for step 'refine'")


@needs_cel
def test_an_end_may_be_an_expression(handle: SqliteDb, log: Log) -> None:
    looped(handle, log, max_iterations=9, end_condition="current_iteration >= 2 && all_success").run("x")
    assert log.calls == ["draft", "draft", "end"]
