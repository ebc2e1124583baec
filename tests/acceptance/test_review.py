"""Outputs that people review: of a step and of a router (W60-W71)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, kinds, results, reviewed
from workflows import HumanReview, OnReject, Router, Step, StepInput, StepOutput, Steps, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus


def written(handle: SqliteDb, log: Log, **options: Any) -> Workflow:
    """A draft that is reviewed, and its publication."""
    settings: dict[str, Any] = {"requires_output_review": True, "on_reject": "retry"} | options
    draft = Step("draft", log.step("draft"), **settings)
    return Workflow(name="written", db=handle, steps=[draft, log.step("publish")])


def routed(handle: SqliteDb, log: Log, **options: Any) -> Workflow:
    """A route that a selector chooses and whose output is reviewed, and a report."""
    settings: dict[str, Any] = {
        "selector": lambda step_input: "quick",
        "requires_output_review": True,
        "on_reject": OnReject.retry,
    } | options
    router = Router([log.step("quick"), log.step("deep")], name="analysis", **settings)
    return Workflow(name="routed", db=handle, steps=[router, log.step("report")])


def test_w60_the_step_runs_once_and_its_output_is_asked_about(handle: SqliteDb, log: Log, way: Way) -> None:
    run = way.run(written(handle, log, output_review_message="Good?"))
    (requirement,) = run.steps_requiring_output_review
    assert reviewed(requirement.step_output) == "draft(x)"
    assert (requirement.is_post_execution, requirement.output_review_message) == (True, "Good?")
    assert run.steps_requiring_confirmation == []
    assert log.calls == ["draft"]


def test_w61_a_yes_lets_it_flow_on(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = written(handle, log)
    run = way.run(workflow)
    asked(run).confirm()
    assert way.resume(workflow, run).content == "publish(draft(x))"
    assert log.calls == ["draft", "publish"]


def test_w62_a_no_does_it_again_with_feedback(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = written(handle, log)
    run = way.run(workflow)
    asked(run).reject("shorter")
    run = way.resume(workflow, run)
    assert log.calls == ["draft", "draft"]
    first, second = run.step_requirements or []
    assert (first.confirmed, first.rejection_feedback, first.retry_count) == (False, "shorter", 0)
    assert (second.confirmed, second.retry_count) == (None, 1)
    seen = log.seen["draft"].additional_data or {}
    assert (seen["rejection_feedback"], seen["previous_output"]) == ("shorter", "draft(x)")


def test_w63_the_limit_of_retries_ends_the_run(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = written(handle, log, hitl_max_retries=2)
    run = way.run(workflow)
    for _ in range(3):
        asked(run).reject()
        run = way.resume(workflow, run)
    assert run.is_cancelled
    assert run.content == "Max retries (2) reached for step 'draft'"
    assert log.calls == ["draft"] * 3


def test_w63_within_the_limit_a_yes_completes(handle: SqliteDb, log: Log) -> None:
    workflow = written(handle, log, hitl_max_retries=2)
    run = workflow.run("x")
    for _ in range(2):
        asked(run).reject()
        run = workflow.continue_run(run)
    asked(run).confirm()
    assert workflow.continue_run(run).status is RunStatus.completed


@pytest.mark.parametrize(("limit", "allowed"), [(0, 0), (None, 5)])
def test_none_is_no_limit_and_zero_allows_none(
    handle: SqliteDb, log: Log, limit: int | None, allowed: int
) -> None:
    workflow = written(handle, log, hitl_max_retries=limit)
    run = workflow.run("x")
    for _ in range(allowed):
        asked(run).reject()
        run = workflow.continue_run(run)
    assert run.is_paused
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled == (limit == 0)


def test_w64_a_no_may_end_the_run(handle: SqliteDb, log: Log) -> None:
    workflow = written(handle, log, on_reject="cancel")
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled


def test_w64_a_script_may_change_what_a_no_means(handle: SqliteDb, log: Log) -> None:
    workflow = written(handle, log)
    run = workflow.run("x")
    asked(run).on_reject = "cancel"
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled


@pytest.mark.parametrize(("limit", "status"), [(0, "CANCELLED"), (None, "PAUSED")])
def test_a_script_may_change_how_often(handle: SqliteDb, log: Log, limit: int | None, status: str) -> None:
    workflow = written(handle, log, hitl_max_retries=3 if limit == 0 else 0)
    run = workflow.run("x")
    asked(run).max_retries = limit
    asked(run).reject()
    assert workflow.continue_run(run).status == status


def test_w65_a_no_with_skip_removes_the_output(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = written(handle, log, on_reject="skip")
    run = way.run(workflow)
    asked(run).reject()
    assert results(way.resume(workflow, run)) == {"publish": "publish(x)"}


def test_w66_an_edit_is_what_flows_on(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = written(handle, log)
    run = way.run(workflow)
    asked(run).edit("new")
    done = way.resume(workflow, run)
    assert results(done) == {"draft": "new", "publish": "publish(new)"}
    assert (done.step_requirements or [])[0].edited_output == "new"


@pytest.mark.parametrize(("wanted", "paused"), [(True, True), (False, False), (None, True)])
def test_w67_a_predicate_decides_and_one_that_breaks_asks(
    handle: SqliteDb, log: Log, wanted: bool | None, paused: bool
) -> None:
    def predicate(output: StepOutput) -> bool:
        if wanted is None:
            raise RuntimeError(output.content)
        return wanted

    assert written(handle, log, requires_output_review=predicate).run("x").is_paused is paused


def test_w68_the_review_follows_the_steps_end(handle: SqliteDb, log: Log) -> None:
    workflow = written(handle, log)
    told = kinds(workflow.run("x", stream=True, stream_events=True))
    assert told[-3:] == ["StepCompleted draft", "StepOutputReview draft", "WorkflowPaused"]
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    asked(run).reject()
    assert kinds(workflow.continue_run(run, stream=True, stream_events=True)) == [
        "StepContinued draft",
        "StepStarted draft",
        "StepOutput draft",
        "StepCompleted draft",
        "StepOutputReview draft",
        "WorkflowPaused",
    ]


async def test_w68_the_same_awaited(handle: SqliteDb, log: Log) -> None:
    events = [event async for event in written(handle, log).arun("x", stream=True)]
    assert kinds(events)[-2:] == ["StepOutputReview draft", "WorkflowPaused"]


def test_w69_a_reviewed_route_can_be_approved(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = routed(handle, log)
    run = way.run(workflow)
    assert asked(run).available_choices == ["quick", "deep"]
    assert asked(run).output_review_message == "Review output of router 'analysis'?"
    asked(run).confirm()
    assert way.resume(workflow, run).content == "report(quick(x))"


def test_w69_or_another_one_chosen(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = routed(handle, log)
    run = way.run(workflow)
    for choice in ("deep", "quick", "deep"):
        asked(run).reject()
        run = way.resume(workflow, run)
        asked(run).select(choice)
        run = way.resume(workflow, run)
        assert asked(run).needs_output_review
    asked(run).confirm()
    assert way.resume(workflow, run).content == "report(deep(x))"
    assert log.calls == ["quick", "deep", "quick", "deep", "report"]


def test_w69_or_the_run_ended(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log, on_reject="cancel")
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled


def test_w69_an_edit_of_a_route_is_what_flows_on(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log)
    run = workflow.run("x")
    asked(run).edit("mine")
    assert workflow.continue_run(run).content == "report(mine)"


def test_w70_choosing_again_is_limited(handle: SqliteDb, log: Log) -> None:
    workflow = routed(handle, log, hitl_max_retries=1)
    run = workflow.run("x")
    asked(run).reject()
    run = workflow.continue_run(run)
    asked(run).select("deep")
    run = workflow.continue_run(run)
    asked(run).reject()
    done = workflow.continue_run(run)
    assert done.content == "Max retries (1) reached for step 'analysis'"


def test_w71_an_edit_is_applied_once(handle: SqliteDb, log: Log) -> None:
    steps = [Step(name, log.step(name), requires_output_review=True) for name in ("a", "b", "c")]
    workflow = Workflow(name="edits", db=handle, steps=[*steps, log.step("end")])
    run = workflow.run("x")
    asked(run).edit("mine")
    run = workflow.continue_run(run)
    for _ in range(2):
        asked(run).confirm()
        run = workflow.continue_run(run)
    assert results(run) == {"a": "mine", "b": "b(mine)", "c": "c(b(mine))", "end": "end(c(b(mine)))"}


def test_stop_counts_after_the_review_too(handle: SqliteDb, log: Log) -> None:
    def last(step_input: StepInput) -> StepOutput:
        return StepOutput(content="enough", stop=True)

    review = HumanReview(requires_output_review=True)
    workflow = Workflow(
        name="stopping", db=handle, steps=[Step("last", last, human_review=review), log.step("never")]
    )
    run = workflow.run("x")
    asked(run).confirm()
    done = workflow.continue_run(run)
    assert (done.status, done.content, log.calls) == (RunStatus.completed, "enough", [])


def test_retries_are_counted_for_each_step(handle: SqliteDb, log: Log) -> None:
    steps = [
        Step(name, log.step(name), requires_output_review=True, on_reject="retry", hitl_max_retries=1)
        for name in ("a", "b")
    ]
    workflow = Workflow(name="each", db=handle, steps=steps)
    run = workflow.run("x")
    for answer in (False, True, False, True):
        asked(run).confirmed = answer
        run = workflow.continue_run(run)
    assert run.status is RunStatus.completed
    assert log.calls == ["a", "a", "b", "b"]


def test_a_rejected_confirmation_with_retry_never_runs_the_step(handle: SqliteDb, log: Log, way: Way) -> None:
    gate = Step("gate", log.step("gate"), requires_confirmation=True, on_reject="retry", hitl_max_retries=1)
    workflow = Workflow(name="gated", db=handle, steps=[gate])
    run = way.run(workflow)
    asked(run).reject("why?")
    run = way.resume(workflow, run)
    assert (asked(run).retry_count, log.calls) == (1, [])
    asked(run).reject()
    assert way.resume(workflow, run).content == "Max retries (1) reached for step 'gate'"
    assert log.calls == []


def test_there_is_nothing_to_edit_before_a_step(handle: SqliteDb, log: Log) -> None:
    gate = Step("gate", log.step("gate"), requires_confirmation=True)
    run = Workflow(name="gated", db=handle, steps=[gate]).run("x")
    with pytest.raises(ValueError, match="has no output to edit"):
        asked(run).edit("mine")


def test_a_review_inside_a_group_is_asked_and_edited(handle: SqliteDb, log: Log, way: Way) -> None:
    draft = Step("draft", log.step("draft"), requires_output_review=True)
    group = Steps(name="group", steps=[draft, log.step("polish")])
    workflow = Workflow(name="nested", db=handle, steps=[group, log.step("end")])
    run = way.run(workflow)
    asked(run).edit("mine")
    assert way.resume(workflow, run).content == "end(polish(mine))"
