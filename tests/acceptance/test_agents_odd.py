"""What else one tries with agents: tools that fail or give anything, models that go wrong, time-outs, crashes."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from tests.acceptance.acting import Way, asked
from tests.acceptance.talking import Desk, hands, inner, paused, ran, waiting, wants, went_on
from tests.acceptance.test_agents_approvals import past
from workflows import HumanReview, Loop, Parallel, Step, StepInput, Steps, Workflow
from workflows.agents import Agent, RunOutput, Toolkit, UserFeedbackTools, tool
from workflows.agents.models import ScriptedModel
from workflows.db import SqliteDb
from workflows.engine.conversation import Reply, Request, ToolCall
from workflows.run import CustomEvent, RunStatus


class Weather(BaseModel):
    """A model as a result."""

    degrees: int


@dataclass(kw_only=True)
class Progress(CustomEvent):
    """An event of the author's."""

    percent: int = 0


@pytest.mark.parametrize(
    ("gives", "told"),
    [
        (Weather(degrees=7), '{"degrees": 7}'),
        ({"degrees": 7}, '{"degrees": 7}'),
        ([1, 2], "[1, 2]"),
        (None, "null"),
        (0, "0"),
        ("", ""),
        (b"raw", "raw"),
    ],
)
def test_a_tool_may_give_anything(handle: SqliteDb, desk: Desk, gives: Any, told: str) -> None:
    @tool(requires_confirmation=True)
    def look() -> Any:
        """Look."""
        return gives

    agent = desk.agent(wants("look"), "done", tools=[look], db=handle)
    run = agent.run("x")
    waiting(run).confirm()
    assert agent.continue_run(run).content == "done"
    assert desk.heard[-1].content.replace('":7', '": 7') == told


def test_an_async_tool_works_in_every_way(handle: SqliteDb, desk: Desk, way: Way) -> None:
    @tool(requires_confirmation=True)
    async def look(at: str) -> str:
        """Look."""
        await asyncio.sleep(0)
        return f"saw {at}"

    agent = desk.agent(wants("look", at="sky"), "done", tools=[look], db=handle)
    run = ran(way, agent)
    waiting(run).confirm()
    assert went_on(way, agent, run).content == "done"
    assert desk.heard[-1].content == "saw sky"


def test_a_tool_that_fails_tells_the_model(handle: SqliteDb, desk: Desk, way: Way) -> None:
    @tool(requires_confirmation=True)
    def look() -> str:
        """Look."""
        raise ValueError("it is dark")

    agent = desk.agent(wants("look"), "sorry", tools=[look], db=handle)
    run = ran(way, agent)
    waiting(run).confirm()
    done = went_on(way, agent, run)
    assert (done.status, done.content) == (RunStatus.completed, "sorry")
    assert "it is dark" in desk.heard[-1].content
    assert desk.heard[-1].failed


def test_a_generator_tool_tells_events_of_its_own(handle: SqliteDb, desk: Desk) -> None:
    @tool(requires_confirmation=True)
    def work() -> Iterator[Any]:
        """Work."""
        yield Progress(percent=50)
        yield "half "
        yield "done"

    agent = desk.agent(wants("work"), "end", tools=[work], db=handle)
    run = agent.run("x")
    waiting(run).confirm()
    events = list(agent.continue_run(run, stream=True))
    assert [event.percent for event in events if isinstance(event, Progress)] == [50]
    assert desk.heard[-1].content == "half done"


def test_an_unknown_tool_and_wrong_arguments_are_told_to_the_model(handle: SqliteDb, desk: Desk) -> None:
    calls = [wants("nothing"), wants("pay", amount="many"), wants("pay", cost=1)]
    agent = desk.agent(calls, "sorry", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("x")
    assert (run.status, run.content, desk.used) == (RunStatus.completed, "sorry", [])
    first, second, third = desk.heard[-3:]
    assert first.content == "There is no tool 'nothing'."
    assert "amount" in second.content
    assert "cost" in third.content
    assert all(message.failed for message in desk.heard[-3:])


def test_a_model_that_goes_in_circles_is_stopped_and_can_go_on(handle: SqliteDb, desk: Desk) -> None:
    def reply(request: Request) -> Any:
        turns = sum(message.role == "assistant" for message in request.messages)
        return wants() if turns < 5 else "enough"

    agent = Agent(ScriptedModel(reply), name="Clerk", tools=[desk.tool()], db=handle, max_turns=3)
    run = agent.run("x")
    assert (run.status, run.content) == (RunStatus.error, "No answer after 3 turns.")
    assert len(desk.used) == 3
    assert agent.continue_run(run).content == "enough"
    assert len(desk.used) == 5


def test_a_model_that_says_nothing(handle: SqliteDb) -> None:
    agent = Agent(ScriptedModel(lambda _: Reply()), name="Clerk", db=handle)
    run = agent.run("x")
    assert (run.status, run.content) == (RunStatus.error, "The model said nothing and asked for no tool.")


def test_an_agent_without_a_model_says_so(handle: SqliteDb) -> None:
    run = Agent(name="Clerk", db=handle).run("x")
    assert (run.status, run.content) == (RunStatus.error, "Clerk has no model")


def test_two_calls_with_one_id_are_two_calls(handle: SqliteDb, desk: Desk) -> None:
    calls = [ToolCall(id="same", name="pay", args={"amount": amount}) for amount in (1, 2)]
    agent = desk.agent(calls, "done", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("x")
    first, second = run.active_requirements
    first.confirm()
    second.reject("no")
    assert agent.continue_run(run).content == "done"
    assert desk.used == ["pay 1 shop"]


def test_a_run_of_an_agent_ends_when_it_is_cancelled_while_a_tool_is_used(
    handle: SqliteDb, desk: Desk
) -> None:
    began, go_on = threading.Event(), threading.Event()

    @tool
    def slow() -> str:
        """Take long."""
        desk.used.append("slow")
        began.set()
        assert go_on.wait(10)
        return "over"

    agent = desk.agent([wants("slow")], wants("slow"), "done", tools=[slow], db=handle, session_id="s")
    outputs: list[RunOutput] = []
    driving = threading.Thread(target=lambda: outputs.append(agent.run("x")))
    driving.start()
    assert began.wait(10)
    run = agent.get_last_run_output("s")
    assert run is not None
    assert agent.cancel_run(run.run_id or "")
    go_on.set()
    driving.join()
    assert (outputs[0].status, desk.used) == (RunStatus.cancelled, ["slow"])


@pytest.mark.parametrize(
    ("on_timeout", "used", "content"),
    [
        ("approve", ["pay 5 shop"], "after paid"),
        ("reject", [], "after paid"),
        ("skip", [], "after paid"),
        ("cancel", [], None),
    ],
)
def test_a_tools_pause_times_out_as_its_step_says(
    handle: SqliteDb, desk: Desk, on_timeout: str, used: list[str], content: str | None
) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    step = Step("ask", agent=agent, human_review=HumanReview(timeout=5, on_timeout=on_timeout))
    workflow = Workflow(name="w", db=handle, steps=[step, desk.step])
    run = workflow.run("x")
    assert paused(run).timeout_at is not None
    past(handle)
    done = workflow.continue_run(run)
    assert [entry for entry in desk.used if entry.startswith("pay")] == used
    if content is None:
        assert done.is_cancelled
    else:
        assert done.content == content


def test_a_step_with_everything_is_cancelled_by_a_person(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    step = Step("ask", agent=agent, requires_confirmation=True, on_reject="cancel")
    workflow = Workflow(name="w", db=handle, steps=[step, desk.step])
    run = workflow.run("x")
    asked(run).reject()
    assert workflow.continue_run(run).is_cancelled
    assert (desk.used, desk.told) == ([], [])


def test_two_agents_in_one_steps_hear_each_other(handle: SqliteDb, desk: Desk) -> None:
    first = desk.agent(wants(), "first done", tools=[desk.tool(requires_confirmation=True)], name="First")
    second = desk.agent(wants(), "second done", tools=[desk.tool(requires_confirmation=True)], name="Second")
    workflow = Workflow(name="w", db=handle, steps=[Steps(name="g", steps=[first, second])])
    run = workflow.run("x")
    inner(run).confirm()
    run = workflow.continue_run(run)
    assert desk.heard[-1].content == "first done"
    inner(run).confirm()
    assert workflow.continue_run(run).content == "second done"


def test_a_loop_ends_when_its_agent_says_so(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = desk.agent(wants(), "enough", tools=[desk.tool(requires_confirmation=True)])
    loop = Loop(
        [agent], name="l", max_iterations=5, end_condition=lambda outputs: outputs[-1].content == "enough"
    )
    workflow = Workflow(name="w", db=handle, steps=[loop])
    run = way.run(workflow)
    inner(run).confirm()
    assert way.resume(workflow, run).content == "enough"
    assert desk.used == ["pay 5 shop"]


def test_a_loop_review_after_an_agents_pause(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "draft", tools=[desk.tool(requires_confirmation=True)])
    review = HumanReview(requires_iteration_review=True, on_reject="retry")
    loop = Loop([Step("ask", agent=agent)], name="l", max_iterations=3, human_review=review)
    workflow = Workflow(name="w", db=handle, steps=[loop])
    run = workflow.run("x")
    inner(run).confirm()
    run = workflow.continue_run(run)
    asked(run).reject("longer")
    run = workflow.continue_run(run)
    assert "longer" in desk.heard[-1].content
    inner(run).confirm()
    run = workflow.continue_run(run)
    asked(run).confirm()
    assert workflow.continue_run(run).content == "draft"


def test_parallel_agents_share_one_session_state(handle: SqliteDb, desk: Desk) -> None:
    def counting(name: str) -> Agent:
        @tool(requires_confirmation=True)
        def count(session_state: dict[str, Any]) -> str:
            """Count."""
            session_state[name] = session_state.get(name, 0) + 1
            return "counted"

        return desk.agent(wants("count"), "done", tools=[count], name=name)

    workflow = Workflow(name="w", db=handle, steps=[Parallel(counting("a"), counting("b"), name="p")])
    run = workflow.run("x")
    for requirement in run.steps_requiring_executor_resolution:
        for each in requirement.executor_requirements or ():
            each.confirm()
    workflow.continue_run(run)
    assert workflow.get_session_state() == {"a": 1, "b": 1}


def test_toolkits_gate_by_name(handle: SqliteDb, desk: Desk) -> None:
    kit = Toolkit(
        name="kit",
        tools=[desk.tool("pay"), desk.tool("look"), desk.tool("fetch")],
        requires_confirmation_tools=["pay"],
        external_execution_required_tools=["fetch"],
    )
    calls = [wants("pay", amount=1), wants("look", amount=2), wants("fetch", amount=3)]
    agent = desk.agent(calls, "done", tools=[kit], db=handle)
    run = agent.run("x")
    pay, fetch = run.active_requirements
    assert (pay.needs_confirmation, fetch.needs_external_execution) == (True, True)
    pay.confirm()
    fetch.set_external_execution_result("fetched")
    assert agent.continue_run(run).content == "done"


def test_feedback_in_a_workflow_step(handle: SqliteDb, desk: Desk, way: Way) -> None:
    question = {"question": "Which?", "header": "W", "options": [{"label": "A"}, {"label": "B"}]}
    agent = desk.agent(wants("ask_user", questions=[question]), "chosen", tools=[UserFeedbackTools()])
    workflow = Workflow(name="w", db=handle, steps=[agent])
    run = way.run(workflow)
    inner(run).provide_user_feedback({"Which?": ["B"]})
    assert way.resume(workflow, run).content == "chosen"
    assert '"B"' in desk.heard[-1].content


def test_hooks_stand_around_the_use_after_a_yes(handle: SqliteDb, desk: Desk) -> None:
    def before(fc: Any) -> None:
        desk.used.append(f"before {fc.function.name}")

    def after(fc: Any) -> None:
        desk.used.append(f"after {fc.result}")

    pay = desk.tool(requires_confirmation=True, pre_hook=before, post_hook=after)
    agent = desk.agent(wants(), "paid", tools=[pay], db=handle)
    run = agent.run("x")
    assert desk.used == []
    waiting(run).confirm()
    agent.continue_run(run)
    assert desk.used == ["before pay", "pay 5 shop", "after pay did 5"]


def test_many_turns_cost_no_message_twice(handle: SqliteDb, desk: Desk) -> None:
    calls = [wants(amount=number) for number in range(1, 11)]
    agent = desk.agent(*calls, "done", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("x")
    for _ in calls:
        waiting(run).confirm()
        run = agent.continue_run(run_id=run.run_id, session_id=run.session_id, requirements=run.requirements)
    assert run.content == "done"
    assert len(run.messages) == 22
    assert len(desk.used) == 10


def test_media_and_structured_input(handle: SqliteDb, desk: Desk) -> None:
    workflow = Workflow(name="w", db=handle, steps=[desk.agent("seen", name="Eye")])
    workflow.run(Weather(degrees=7), images=["a.png"])
    assert desk.heard[-1].content.replace(": ", ":") == '{"degrees":7}'
    assert desk.heard[-1].media == {"images": ["a.png"]}


def test_a_whole_workflow_in_a_workflow_waits_for_its_agents_team(handle: SqliteDb, desk: Desk) -> None:
    buyer = desk.agent(wants(), "bought", tools=[desk.tool(requires_confirmation=True)], name="Buyer")
    team = desk.team(hands("buyer"), "team done", members=[buyer])
    nested = Workflow(name="nested", steps=[Parallel(Step("ask", team=team), desk.step, name="p")])
    workflow = Workflow(name="w", db=handle, steps=[Loop([nested], name="l", max_iterations=1)])
    run = workflow.run("x")
    assert inner(run).member_agent_name == "Buyer"
    inner(run).confirm()
    assert workflow.continue_run(run).status is RunStatus.completed
    assert "pay 5 shop" in desk.used


def test_a_step_reads_what_an_agents_step_brought(handle: SqliteDb, desk: Desk) -> None:
    seen: dict[str, Any] = {}

    def look(step_input: StepInput) -> str:
        seen["named"] = step_input.get_step_content("ask")
        output = step_input.get_step_output("ask")
        assert output is not None
        seen["executor"] = (output.executor_type, output.executor_name)
        return "looked"

    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent), look])
    run = workflow.run("x")
    inner(run).confirm()
    workflow.continue_run(run)
    assert seen == {"named": "paid", "executor": ("agent", "Clerk")}
