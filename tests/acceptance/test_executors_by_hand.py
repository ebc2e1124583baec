"""An agent that a function step runs by hand hands its pause on to the workflow (spec 6, mistake 9)."""

from typing import Any

import pytest

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, wants
from workflows import Parallel, Step, StepInput, Workflow
from workflows.agents import Agent, RunRequirement
from workflows.db import SqliteDb
from workflows.run import WorkflowRunOutput


def by_hand(desk: Desk, *replies: Any, **given: Any) -> tuple[Agent, Any]:
    """An agent that asks before it pays, and a function that runs it and gives its run back."""
    gated = desk.tool(requires_confirmation=True)
    agent = desk.agent(*(replies or (wants(), "paid")), tools=[gated], **given)

    def call(step_input: StepInput) -> Any:
        desk.used.append("called")
        return agent.run(f"for {step_input.input}")

    return agent, call


def asked(run: WorkflowRunOutput) -> list[RunRequirement]:
    """What is asked about tools and not answered yet."""
    inner = (given for step in run.step_requirements or () for given in step.executor_requirements or ())
    return [requirement for requirement in inner if not requirement.is_resolved()]


@pytest.mark.parametrize("keeps", [False, True], ids=["in memory", "in a database"])
def test_m9_the_workflow_waits_and_goes_on_where_the_agent_was(
    handle: SqliteDb, desk: Desk, way: Way, keeps: bool
) -> None:
    _, call = by_hand(desk, db=handle if keeps else None)

    def flow() -> Workflow:
        return Workflow(name="w", db=handle, steps=[Step("buy", call), desk.step])

    run = way.run(flow())
    assert (run.status, run.pause_kind, run.paused_step_name) == ("PAUSED", "executor", "buy")
    for requirement in asked(run):
        requirement.confirm()
    run = way.resume(flow(), run)
    assert run.content == "after paid"
    assert desk.used == ["called", "pay 5 shop", "step paid"]


def test_m9_the_agents_own_run_ends_when_it_is_handed_on(handle: SqliteDb, desk: Desk) -> None:
    agent, call = by_hand(desk, db=handle)
    Workflow(name="w", db=handle, steps=[Step("buy", call)]).run("x")
    own = agent.get_last_run_output()
    assert own is not None
    assert own.is_cancelled


def test_m9_a_no_reaches_its_model(handle: SqliteDb, desk: Desk) -> None:
    _, call = by_hand(desk, wants(), "not paid")
    workflow = Workflow(name="w", db=handle, steps=[Step("buy", call)])
    run = workflow.run("x")
    asked(run)[0].reject("too dear")
    run = workflow.continue_run(run)
    assert (run.content, desk.heard[-1].content) == ("not paid", "too dear")


def test_m9_two_of_them_side_by_side_wait_at_once(handle: SqliteDb, desk: Desk) -> None:
    _, first = by_hand(desk, wants(), "one", name="First")
    _, second = by_hand(desk, wants(), "two", name="Second")
    workflow = Workflow(name="w", db=handle, steps=[Parallel(Step("a", first), Step("b", second), name="p")])
    run = workflow.run("x")
    assert len(asked(run)) == 2
    for requirement in asked(run):
        requirement.confirm()
    run = workflow.continue_run(run)
    (both,) = run.step_results
    assert [output.content for output in both.steps or ()] == ["one", "two"]


def test_a_run_that_is_done_brings_its_content(desk: Desk) -> None:
    agent = desk.agent("at once")
    workflow = Workflow(name="w", steps=[Step("say", lambda step_input: agent.run(step_input.input))])
    assert workflow.run("x").content == "at once"


def test_a_run_that_failed_fails_its_step(desk: Desk) -> None:
    agent = desk.agent()  # nothing in its script
    step = Step("say", lambda step_input: agent.run(step_input.input), on_error="fail", max_retries=0)
    with pytest.raises(RuntimeError, match="script"):
        Workflow(name="w", steps=[step]).run("x")


def test_m9_an_agent_that_the_function_makes_itself_is_found_again(handle: SqliteDb, desk: Desk) -> None:
    def call(step_input: StepInput) -> Any:
        gated = desk.tool(requires_confirmation=True)
        return desk.agent(wants(), "paid", tools=[gated], name="Passing").run(step_input.input)

    workflow = Workflow(name="w", db=handle, steps=[Step("buy", call)])
    run = workflow.run("x")
    asked(run)[0].confirm()
    assert workflow.continue_run(run).content == "paid"
