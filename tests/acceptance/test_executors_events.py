"""The events of agents and teams, on their own and inside workflows, and their order (spec 3.12)."""

from typing import Any

import pytest

from tests.acceptance.acting import collected, kinds
from tests.acceptance.talking import Desk, hands, inner, waiting, wants
from workflows import Step, Workflow
from workflows.agents import RunEvent, RunPausedEvent, TeamRunEvent, ToolCallCompletedEvent
from workflows.agents.run_events import EVENTS, BaseRunEvent
from workflows.db import SqliteDb
from workflows.run import StepExecutorPausedEvent, StepOutputReviewEvent

TO_THE_PAUSE = ["RunStarted", "RunPaused"]
FROM_THE_PAUSE = ["RunContinued", "ToolCallStarted", "ToolCallCompleted", "RunContent", "RunCompleted"]


def named(events: Any) -> list[str]:
    """The events' names."""
    return [event.event for event in events]


def test_an_agents_events_in_their_order(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    events = list(agent.run("x", stream=True, stream_events=True))
    assert named(events) == TO_THE_PAUSE
    for requirement in events[-1].active_requirements:
        requirement.confirm()
    on = agent.continue_run(
        run_id=events[-1].run_id, requirements=events[-1].requirements, stream=True, stream_events=True
    )
    assert named(on) == FROM_THE_PAUSE


async def test_the_same_in_a_loop(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    events: Any = await collected(agent.arun("x", stream=True, stream_events=True))
    assert named(events) == TO_THE_PAUSE
    events[-1].requirements[0].confirm()
    on: Any = await agent.acontinue_run(
        run_id=events[-1].run_id, requirements=events[-1].requirements, stream=True, stream_events=True
    )
    assert named([event async for event in on]) == FROM_THE_PAUSE


def test_without_stream_events_only_what_nobody_can_do_without(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "it is paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    events = list(agent.run("x", stream=True))
    assert named(events) == ["RunPaused"]
    events[0].requirements[0].confirm()
    on = list(agent.continue_run(run_id=events[0].run_id, requirements=events[0].requirements, stream=True))
    assert [event.content for event in on] == ["it ", "is ", "paid"]
    assert set(named(on)) == {"RunContent"}


def test_what_events_say(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool()], db=handle)
    events = list(agent.run("x", stream=True, stream_events=True, session_id="s"))
    assert {(e.agent_id, e.agent_name, e.session_id, e.is_paused) for e in events} == {
        ("clerk", "Clerk", "s", False)
    }
    assert len({event.run_id for event in events}) == 1
    started, used, content, completed = events[1:]
    assert (started.tool.tool_name, started.tool.result) == ("pay", None)
    assert (used.tool.result, used.content) == ("pay did 5", "pay did 5")
    assert (content.content, completed.content) == ("paid", "paid")


def test_a_failed_tool_is_told_as_such(handle: SqliteDb, desk: Desk) -> None:
    def broken() -> str:
        raise ValueError("out of order")

    agent = desk.agent(wants("broken"), "sorry", tools=[broken], db=handle)
    (used,) = [
        e for e in agent.run("x", stream=True, stream_events=True) if isinstance(e, ToolCallCompletedEvent)
    ]
    assert used.tool is not None
    assert used.tool.tool_call_error is True
    assert "out of order" in used.content


def test_a_teams_events_say_team(handle: SqliteDb, desk: Desk) -> None:
    buyer = desk.agent(wants(), "bought", tools=[desk.tool(requires_confirmation=True)], name="Buyer")
    team = desk.team(hands("buyer"), "all done", members=[buyer], db=handle)
    events = list(team.run("x", stream=True, stream_events=True))
    assert named(events) == ["TeamRunStarted", "RunStarted", "RunPaused", "TeamRunPaused"]
    assert (events[1].agent_name, events[1].parent_run_id) == ("Buyer", events[0].run_id)
    for requirement in events[-1].active_requirements:
        requirement.confirm()
    on = list(
        team.continue_run(
            run_id=events[-1].run_id, requirements=events[-1].requirements, stream=True, stream_events=True
        )
    )
    assert named(on) == [
        "TeamRunContinued",
        "RunContinued",
        "ToolCallStarted",
        "ToolCallCompleted",
        "RunContent",
        "RunCompleted",
        "TeamRunContent",
        "TeamRunContent",
        "TeamRunCompleted",
    ]


def test_an_executors_order_in_a_workflow(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    step = Step("ask", agent=agent, requires_output_review=True)
    workflow = Workflow(name="w", db=handle, steps=[step])
    events = list(workflow.run("x", stream=True, stream_events=True))
    assert kinds(events) == [
        "WorkflowStarted",
        "StepStarted ask",
        "RunStarted ask",
        "RunPaused ask",
        "StepExecutorPaused ask",
        "WorkflowPaused",
    ]
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    inner(run).confirm()
    on = list(workflow.continue_run(run, stream=True, stream_events=True))
    assert [kind.replace(" ask", "") for kind in kinds(on)] == [
        "StepExecutorContinued",
        *FROM_THE_PAUSE,
        "StepOutput",
        "StepCompleted",
        "StepOutputReview",
        "WorkflowPaused",
    ]
    assert isinstance(on[-2], StepOutputReviewEvent)


def test_executors_can_be_left_out(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent)], stream_executor_events=False)
    events = list(workflow.run("x", stream=True, stream_events=True))
    assert named(events) == ["WorkflowStarted", "StepStarted", "StepExecutorPaused", "WorkflowPaused"]


def test_an_executors_events_know_their_workflow(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent)])
    events = list(workflow.run("x", stream=True, stream_events=True))
    (told,) = [event for event in events if isinstance(event, RunPausedEvent)]
    (pause,) = [event for event in events if isinstance(event, StepExecutorPausedEvent)]
    assert (told.workflow_id, told.workflow_run_id, told.step_name) == ("w", pause.run_id, "ask")
    assert (told.agent_id, told.run_id) == ("clerk", pause.executor_run_id)
    assert [tool.tool_name for tool in told.tools or []] == ["pay"]


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_every_event_travels_as_data(kind: type[BaseRunEvent]) -> None:
    event = kind(agent_id="a", run_id="r", session_id="s")
    assert event.event in set(RunEvent)
    assert kind.from_dict(event.to_dict()) == event
    of_team = kind(team_id="t", run_id="r")
    assert of_team.event in set(TeamRunEvent)
    assert kind.from_dict(of_team.to_dict()) == of_team


def test_a_paused_event_travels_with_its_requirements(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    (event,) = agent.run("x", stream=True)
    again = RunPausedEvent.from_dict(event.to_dict())
    requirement = waiting(again)
    requirement.confirm()
    assert agent.continue_run(run_id=again.run_id, requirements=again.requirements).content == "paid"


def test_a_failed_run_says_so(handle: SqliteDb, desk: Desk) -> None:
    *_, last = desk.agent(db=handle).run("x", stream=True)
    assert last.event == "RunError"
    assert "The script of scripted has 0 replies" in last.content
