"""Conditions that people decide (W50-W54)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, needs_cel, results
from workflows import Condition, HumanReview, Loop, OnError, Router, Step, Steps, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus


def decided(handle: SqliteDb, log: Log, *, otherwise: bool = True, **options: Any) -> Workflow:
    """Check, one branch or the other, end."""
    settings: dict[str, Any] = {"requires_confirmation": True} | options
    condition = Condition(
        [log.step("yes")], else_steps=[log.step("no")] if otherwise else None, name="choice", **settings
    )
    return Workflow(name="decided", db=handle, steps=[log.step("check"), condition, log.step("end")])


def test_w50_a_yes_runs_the_if_branch(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = decided(handle, log)
    run = way.run(workflow)
    message = "Execute condition 'choice'? (yes=if branch, no=else branch)"
    assert asked(run).confirmation_message == message
    asked(run).confirm()
    assert way.resume(workflow, run).content == "end(yes(check(x)))"


def test_w50_a_yes_decides_whatever_the_evaluator_would_say(handle: SqliteDb, log: Log) -> None:
    workflow = decided(handle, log, evaluator=lambda step_input: False)
    run = workflow.run("x")
    asked(run).confirm()
    assert workflow.continue_run(run).content == "end(yes(check(x)))"


def test_w50_a_no_runs_the_else_branch(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = decided(handle, log)
    run = way.run(workflow)
    asked(run).reject()
    assert way.resume(workflow, run).content == "end(no(check(x)))"
    assert log.calls == ["check", "no", "end"]


def test_w51_without_an_else_branch_the_condition_is_skipped(handle: SqliteDb, log: Log) -> None:
    workflow = decided(handle, log, otherwise=False)
    run = workflow.run("x")
    asked(run).reject()
    done = workflow.continue_run(run)
    assert results(done)["choice"] == "Condition choice rejected - skipped (no else branch)"
    assert log.calls == ["check", "end"]


@pytest.mark.parametrize(
    ("policy", "calls", "status"),
    [("skip", ["check", "end"], RunStatus.completed), ("cancel", ["check"], RunStatus.cancelled)],
)
def test_w52_a_no_may_skip_both_or_end_the_run(
    handle: SqliteDb, log: Log, way: Way, policy: str, calls: list[str], status: RunStatus
) -> None:
    workflow = decided(handle, log, on_reject=policy)
    run = way.run(workflow)
    asked(run).reject()
    assert way.resume(workflow, run).status is status
    assert log.calls == calls


def test_w53_elsewhere_else_is_skip(handle: SqliteDb, log: Log) -> None:
    gate = Step("gate", log.step("gate"), requires_confirmation=True, on_reject="else")
    workflow = Workflow(name="gated", db=handle, steps=[gate, log.step("end")])
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).content == "end(x)"


@pytest.mark.parametrize(
    ("answers", "content"),
    [
        ((True, True), "b-if(a-if(x))"),
        ((True, False), "b-else(a-if(x))"),
        ((False, True), "b-if(a-else(x))"),
    ],
)
def test_w54_two_conditions_are_two_questions(
    handle: SqliteDb, log: Log, answers: tuple[bool, bool], content: str
) -> None:
    workflow = two(handle, log)
    run = workflow.run("x")
    for number, answer in enumerate(answers, 1):
        assert len(run.step_requirements or []) == number
        asked(run).confirmed = answer
        run = workflow.continue_run(run)
    assert run.content == content


def test_w54_the_second_may_end_the_run(handle: SqliteDb, log: Log) -> None:
    workflow = two(handle, log)
    run = workflow.run("x")
    asked(run).confirm()
    run = workflow.continue_run(run)
    asked(run).on_reject = "cancel"
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled


def two(handle: SqliteDb, log: Log) -> Workflow:
    """Two conditions in a row."""
    conditions = [
        Condition(
            [log.step(f"{name}-if")],
            else_steps=[log.step(f"{name}-else")],
            name=name,
            requires_confirmation=True,
        )
        for name in "ab"
    ]
    return Workflow(name="two", db=handle, steps=conditions)


def test_in_a_review_object_the_default_is_skip(handle: SqliteDb, log: Log) -> None:
    workflow = decided(handle, log, human_review=HumanReview(requires_confirmation=True))
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).content == "end(check(x))"


def test_a_condition_may_ask_what_to_do_about_a_failure_inside(handle: SqliteDb, log: Log) -> None:
    step = Step("flaky", log.fails("flaky", times=1), max_retries=0, on_error=OnError.fail)
    condition = Condition([step], name="c", on_error=OnError.pause)
    workflow = Workflow(name="flaky", db=handle, steps=[condition])
    run = workflow.run("x")
    (error,) = run.steps_with_errors
    error.retry()
    assert workflow.continue_run(run).content == "flaky worked"


@needs_cel
def test_an_evaluator_may_be_an_expression(handle: SqliteDb, log: Log) -> None:
    workflow = decided(
        handle, log, requires_confirmation=False, evaluator="previous_step_content.contains('x')"
    )
    assert workflow.run("x").content == "end(yes(check(x)))"


def test_w55_every_primitive_asks_in_its_turn(handle: SqliteDb, log: Log, way: Way) -> None:
    inner = Condition([Condition([Condition([log.step("deep")], name="c3")], name="c2")], name="c1")
    workflow = Workflow(
        name="all",
        db=handle,
        steps=[
            Step("step", log.step("step"), requires_confirmation=True),
            Condition([log.step("if"), inner], name="condition", requires_confirmation=True),
            Loop([log.step("again")], name="loop", max_iterations=2, requires_confirmation=True),
            Steps(name="steps", steps=[log.step("one"), log.step("two")], requires_confirmation=True),
            Router(
                [log.step("route")], name="router", requires_confirmation=True, selector=lambda _: "route"
            ),
        ],
    )
    run = way.run(workflow)
    for name in ("step", "condition", "loop", "steps", "router"):
        assert (run.paused_step_name, asked(run).step_name) == (name, name)
        asked(run).confirm()
        run = way.resume(workflow, run)
    assert run.status is RunStatus.completed
    assert log.calls == ["step", "if", "deep", "again", "again", "one", "two", "route"]
