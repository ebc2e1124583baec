"""Two levels of pauses in one step: around it and at its tools (spec 3.13; 5.6: E11)."""

from typing import Any

import pytest

from tests.acceptance.acting import Way, asked
from tests.acceptance.talking import Desk, inner, paused, wants
from workflows import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow
from workflows.agents import Agent
from workflows.db import SqliteDb
from workflows.run import RunStatus, WorkflowRunOutput
from workflows.types import UserInputField


def clerk(desk: Desk) -> Agent:
    """An agent with a gated tool."""
    return desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])


def test_e11_step_confirmation_then_tool(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def flow() -> Workflow:
        step = Step("ask", agent=clerk(desk), requires_confirmation=True)
        return Workflow(name="w", db=handle, steps=[step, desk.step])

    run = way.run(flow())
    assert desk.told == []
    asked(run).confirm()
    run = way.resume(flow(), run)
    assert paused(run).step_name == "ask"
    inner(run).confirm()
    assert way.resume(flow(), run).content == "after paid"
    assert desk.used == ["pay 5 shop", "step paid"]


def test_e11_user_input_then_tool(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def flow() -> Workflow:
        fields: list[Any] = [UserInputField("colour"), {"name": "size", "field_type": "int"}]
        step = Step("ask", agent=clerk(desk), requires_user_input=True, user_input_schema=fields)
        return Workflow(name="w", db=handle, steps=[step])

    run = way.run(flow(), "buy a coat")
    asked(run).set_user_input(colour="red", size=4)
    run = way.resume(flow(), run)
    assert desk.heard[-1].content == "buy a coat\n\nUser preferences:\n- colour: red\n- size: 4"
    inner(run).confirm()
    assert way.resume(flow(), run).content == "paid"
    assert desk.heard[0].content == "buy a coat\n\nUser preferences:\n- colour: red\n- size: 4"


def reviewed(desk: Desk, handle: SqliteDb, **more: Any) -> Workflow:
    """An agent's step whose output is reviewed."""
    step = Step("ask", agent=clerk(desk), requires_output_review=True, on_reject="retry", **more)
    return Workflow(name="w", db=handle, steps=[step, desk.step])


def test_e11_tool_then_output_review(handle: SqliteDb, desk: Desk, way: Way) -> None:
    run = way.run(reviewed(desk, handle))
    inner(run).confirm()
    run = way.resume(reviewed(desk, handle), run)
    assert asked(run).step_output.content == "paid"  # type: ignore[union-attr]
    asked(run).confirm()
    assert way.resume(reviewed(desk, handle), run).content == "after paid"
    assert desk.used == ["pay 5 shop", "step paid"]


def test_e11_tool_then_output_review_then_once_more(handle: SqliteDb, desk: Desk, way: Way) -> None:
    run = way.run(reviewed(desk, handle), "buy it")
    inner(run).confirm()
    run = way.resume(reviewed(desk, handle), run)
    asked(run).reject("cheaper")
    run = way.resume(reviewed(desk, handle), run)
    assert paused(run).step_name == "ask", "the tool pauses again"
    assert desk.heard[-1].content == (
        "buy it\n\nYour previous output:\npaid\n\nThe reviewer's feedback:\ncheaper"
    )
    inner(run).confirm()
    run = way.resume(reviewed(desk, handle), run)
    assert asked(run).retry_count == 1
    assert asked(run).step_output.content == "paid"  # type: ignore[union-attr]
    assert [message.role for message in desk.heard] == ["user", "assistant", "tool"], "a talk of its own"
    asked(run).edit("paid less")
    assert way.resume(reviewed(desk, handle), run).content == "after paid less"
    assert desk.used == ["pay 5 shop", "pay 5 shop", "step paid less"]


def test_m15_the_limit_of_reviews_holds_across_tool_pauses(handle: SqliteDb, desk: Desk) -> None:
    workflow = reviewed(desk, handle, hitl_max_retries=1)
    run = workflow.run("x")
    for _ in range(2):
        inner(run).confirm()
        run = workflow.continue_run(run)
        asked(run).reject("no")
        run = workflow.continue_run(run)
    assert run.content == "Max retries (1) reached for step 'ask'"
    assert desk.used == ["pay 5 shop"] * 2


@pytest.mark.parametrize("kind", ["Condition", "Loop", "Steps", "Router", "Parallel"])
def test_e11_a_composites_confirmation_then_tool(handle: SqliteDb, desk: Desk, way: Way, kind: str) -> None:
    def flow() -> Workflow:
        step, review = Step("ask", agent=clerk(desk)), HumanReview(requires_confirmation=True)
        composites: dict[str, Any] = {
            "Condition": lambda: Condition([step], name="c", human_review=review),
            "Loop": lambda: Loop([step], name="c", max_iterations=1, human_review=review),
            "Steps": lambda: Steps(name="c", steps=[step], human_review=review),
            "Router": lambda: Router([step], name="c", selector=lambda _: "ask", human_review=review),
            "Parallel": lambda: Parallel(step, name="c", human_review=review),
        }
        return Workflow(name="w", db=handle, steps=[composites[kind](), Step("end", desk.step)])

    run = way.run(flow())
    assert (asked(run).step_name, desk.told) == ("c", [])
    asked(run).confirm()
    run = way.resume(flow(), run)
    assert paused(run).step_name == "ask"
    inner(run).confirm()
    assert way.resume(flow(), run).status is RunStatus.completed
    assert desk.used[0] == "pay 5 shop"


def test_e11_a_route_then_tool(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def flow() -> Workflow:
        choices = [Step("ask", agent=clerk(desk)), Step("other", desk.step)]
        router = Router(choices, name="r", requires_user_input=True)
        return Workflow(name="w", db=handle, steps=[router, Step("end", desk.step)])

    run = way.run(flow())
    asked(run).select("ask")
    run = way.resume(flow(), run)
    inner(run).confirm()
    assert way.resume(flow(), run).content == "after paid"


def test_e11_everything_at_one_step(handle: SqliteDb, desk: Desk, way: Way) -> None:
    """Confirmation with a form, tool, review, once more, tool, review: each in an object of its own."""

    def flow() -> Workflow:
        review = HumanReview(
            requires_confirmation=True,
            requires_user_input=True,
            user_input_schema=[UserInputField("colour")],
            requires_output_review=True,
            on_reject="retry",
        )
        return Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk), human_review=review)])

    def on(run: WorkflowRunOutput) -> WorkflowRunOutput:
        kept = flow().get_run_output(run.run_id or "")
        assert kept is not None
        assert len(kept.step_requirements or []) == len(run.step_requirements or [])
        return way.resume(flow(), run)

    run = way.run(flow())
    asked(run).confirm()
    asked(run).set_user_input(colour="red")
    run = on(run)
    inner(run).confirm()
    run = on(run)
    asked(run).reject("again")
    run = on(run)
    inner(run).confirm()
    run = on(run)
    asked(run).confirm()
    assert on(run).content == "paid"
    assert desk.used == ["pay 5 shop"] * 2


def test_on_error_pause_of_an_agents_step(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = desk.agent(tools=[])  # its script has no reply
    workflow = Workflow(
        name="w", db=handle, steps=[Step("ask", agent=agent, on_error="pause", max_retries=0), desk.step]
    )
    run = way.run(workflow)
    (error,) = run.steps_with_errors
    assert error.error_type == "ScriptEnded"
    error.skip()
    assert way.resume(workflow, run).status is RunStatus.completed
