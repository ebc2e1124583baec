"""Several pauses in one run: one after the other, and what is kept of them (W90-W93)."""

import json
from typing import Any

from tests.acceptance.acting import Log, Way, asked
from workflows import Router, Step, UserInputField, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus, WorkflowRunOutput


def three(handle: SqliteDb, log: Log) -> Workflow:
    """Three steps that each ask first."""
    steps = [Step(name, log.step(name), requires_confirmation=True) for name in "abc"]
    return Workflow(name="three", db=handle, steps=steps)


def mixed(handle: SqliteDb, log: Log) -> Workflow:
    """A yes or no, a form, a choice."""
    form: Any = [UserInputField("n", "int")]
    return Workflow(
        name="mixed",
        db=handle,
        steps=[
            Step("confirm", log.step("confirm"), requires_confirmation=True),
            Step("fill", log.step("fill"), requires_user_input=True, user_input_schema=form),
            Router([log.step("left"), log.step("right")], name="way", requires_user_input=True),
        ],
    )


def test_w90_questions_accumulate(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = three(handle, log)
    run = way.run(workflow)
    for number in (1, 2, 3):
        confirmed = [requirement.confirmed for requirement in run.step_requirements or []]
        assert confirmed == [True] * (number - 1) + [None]
        asked(run).confirm()
        run = way.resume(workflow, run)
    assert run.status is RunStatus.completed
    assert [requirement.step_name for requirement in run.step_requirements or []] == ["a", "b", "c"]
    assert (run.paused_step_index, run.paused_step_name, run.pause_kind) == (None, None, None)


def test_w91_all_answers_are_kept(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = mixed(handle, log)
    run = way.run(workflow)
    asked(run).confirm()
    run = way.resume(workflow, run)
    asked(run).set_user_input(n=3)
    run = way.resume(workflow, run)
    asked(run).select("right")
    done = way.resume(workflow, run)
    stored = mixed(handle, log).get_run_output(done.run_id or "")
    assert stored
    first, second, third = stored.step_requirements or []
    assert (first.confirmed, second.user_input, third.selected_choices) == (True, {"n": 3}, ["right"])
    assert log.calls == ["confirm", "fill", "right"]


def test_w92_history_tells_yes_and_no(handle: SqliteDb, log: Log) -> None:
    workflow = three(handle, log)
    run = workflow.run("x")
    for answer in (True, False, True):
        asked(run).confirmed = answer
        run = workflow.continue_run(run)
    assert [requirement.confirmed for requirement in run.step_requirements or []] == [True, False, True]
    assert log.calls == ["a", "c"]


def test_w93_questions_survive_a_stream_and_a_dict(handle: SqliteDb, log: Log) -> None:
    workflow = three(handle, log)
    *_, paused = workflow.run("x", stream=True)
    copied = WorkflowRunOutput.from_dict(json.loads(json.dumps(paused.run_output.to_dict())))
    asked(copied).confirm()
    run = workflow.continue_run(copied)
    assert asked(run).step_name == "b"


def test_answering_all_in_a_loop_never_asks_twice(handle: SqliteDb, log: Log) -> None:
    workflow = three(handle, log)
    run = workflow.run("x")
    while run.is_paused:
        for requirement in run.step_requirements or []:
            requirement.confirm()
        run = workflow.continue_run(run)
    assert log.calls == ["a", "b", "c"]


def test_steps_that_share_a_name_are_kept_apart(handle: SqliteDb, log: Log) -> None:
    steps = [Step("same", log.step("first")), Step("same", log.step("second"), requires_confirmation=True)]
    workflow = Workflow(name="twins", db=handle, steps=[*steps, Step("same", log.step("third"))])
    run = workflow.run("x")
    asked(run).confirm()
    done = workflow.continue_run(run)
    assert [output.content for output in done.step_results] == [
        "first(x)",
        "second(first(x))",
        "third(second(first(x)))",
    ]
