"""Branches side by side, each of which may ask (E8, and the matrix of page 004)."""

from typing import Any

import pytest

from tests.acceptance.acting import Log, Way, asked, results
from workflows import HumanReview, Parallel, Step, StepInput, Workflow
from workflows.db import SqliteDb
from workflows.run import RunStatus


def side_by_side(handle: SqliteDb, log: Log, **options: Any) -> Workflow:
    """Two branches that ask and one that does not, and an end."""
    branches = [
        Step(name, log.step(name), requires_confirmation=name != "free") for name in ("a", "b", "free")
    ]
    return Workflow(name="side", db=handle, steps=[Parallel(*branches, name="p", **options), log.step("end")])


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_all_branches_ask_at_once_and_are_answered_in_any_order(
    handle: SqliteDb, log: Log, way: Way, order: tuple[str, str]
) -> None:
    workflow = side_by_side(handle, log)
    run = way.run(workflow)
    assert {requirement.step_name for requirement in run.active_step_requirements} == {"a", "b"}
    assert log.calls == ["free"], "the others go on"
    for name in order:
        assert run.is_paused
        next(r for r in run.active_step_requirements if r.step_name == name).confirm()
        run = way.resume(workflow, run)
    assert run.status is RunStatus.completed
    assert log.calls == ["free", *order, "end"]


def test_all_answers_count_at_once(handle: SqliteDb, log: Log) -> None:
    workflow = side_by_side(handle, log)
    run = workflow.run("x")
    for requirement in run.active_step_requirements:
        requirement.confirm()
    done = workflow.continue_run(run)
    assert done.status is RunStatus.completed
    inner = next(output for output in done.step_results if output.step_name == "p").steps or []
    assert [output.step_name for output in inner] == ["a", "b", "free"]


def test_it_may_be_confirmed_as_a_whole(handle: SqliteDb, log: Log, way: Way) -> None:
    workflow = Workflow(
        name="whole",
        db=handle,
        steps=[
            Parallel(log.step("a"), log.step("b"), human_review=HumanReview(requires_confirmation=True)),
            log.step("end"),
        ],
    )
    run = way.run(workflow)
    assert log.calls == []
    asked(run).confirm()
    assert way.resume(workflow, run).status is RunStatus.completed
    assert sorted(log.calls[:2]) == ["a", "b"]


def test_a_failed_branch_is_a_failed_output(handle: SqliteDb, log: Log) -> None:
    failing = Step("bad", log.fails("bad"), max_retries=0, on_error="fail")
    run = Workflow(name="mixed", db=handle, steps=[Parallel(failing, log.step("good"), name="p")]).run("x")
    outputs = {output.step_name: output.success for output in run.step_results[0].steps or []}
    assert outputs == {"bad": False, "good": True}
    assert results(run)["p"].startswith("## Parallel Execution Results\n\n### FAILURE: bad")


def test_a_parallel_reads_as_name_to_text(handle: SqliteDb, log: Log) -> None:
    read: dict[str, Any] = {}

    def look(step_input: StepInput) -> None:
        read.update(step_input.get_step_content("p"))

    Workflow(name="read", db=handle, steps=[Parallel(log.step("a"), log.step("b"), name="p"), look]).run("x")
    assert read == {"a": "a(x)", "b": "b(x)"}


def test_what_branches_change_of_the_state_is_merged_in_order(handle: SqliteDb) -> None:
    def writing(name: str) -> Any:
        def write(step_input: StepInput, session_state: dict[str, Any]) -> None:
            session_state[name] = session_state["last"] = name

        write.__name__ = name
        return write

    workflow = Workflow(name="state", db=handle, steps=[Parallel(writing("b"), writing("a"))])
    workflow.run("x")
    assert workflow.get_session_state() == {"a": "a", "b": "b", "last": "a"}
