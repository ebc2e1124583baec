"""What the pages about agents promise, in tests of our own: these need no page beside the checkout."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.talking import Desk, hands, wants
from tests.docs.scripts import a_flow, says
from workflows import Condition, Loop, Parallel, PauseKind, Router, Step, Steps
from workflows.agents import Agent, RunRequirement, UserControlFlowTools, UserFeedbackTools, approval
from workflows.db import SqliteDb
from workflows.run import WorkflowRunOutput

pytestmark = pytest.mark.usefixtures("folder")

FLAGS: dict[str, dict[str, Any]] = {
    "confirmation": {"requires_confirmation": True},
    "user_input": {"requires_user_input": True, "user_input_fields": ["to"]},
    "external_execution": {"external_execution": True},
}
NEEDS = ("needs_confirmation", "needs_user_input", "needs_external_execution")


def yes(requirement: RunRequirement) -> None:
    """Answer as the page says for each flag."""
    if requirement.needs_confirmation:
        requirement.confirm()
    if requirement.needs_user_input:
        requirement.provide_user_input({"to": "bob"})
    if requirement.needs_external_execution:
        requirement.tool_execution.result = "done elsewhere"


def resolved(run: WorkflowRunOutput) -> WorkflowRunOutput:
    """The run with every tool that waits answered, by the loop of the page."""
    for step_req in run.step_requirements or []:
        if step_req.requires_executor_input:
            for executor_req in step_req.executor_requirements or []:
                yes(executor_req)
    return run


@pytest.fixture
def desk() -> Desk:
    """Give what makes agents, and notes what they do."""
    return Desk()


def asking(desk: Desk, *replies: Any, **flags: Any) -> Step:
    """A step whose agent wants a gated tool once, or says these."""
    said = replies or (wants(amount=5), "paid")
    gate = flags or {"requires_confirmation": True}
    tools = [desk.tool("look"), desk.tool("pay", **gate)]
    return Step("ask", agent=desk.agent(*said, tools=tools))


# Tool decorators (001)


@pytest.mark.parametrize("pauses_for", FLAGS)
def test_three_flags_pause_the_step_and_are_resolved_in_their_way(desk: Desk, pauses_for: str) -> None:
    workflow = a_flow(asking(desk, **FLAGS[pauses_for]))
    run = workflow.run("buy it")
    (requirement,) = run.step_requirements[0].executor_requirements
    assert [name for name in NEEDS if getattr(requirement, name)] == [f"needs_{pauses_for}"]
    assert requirement.pause_type == pauses_for
    run = workflow.continue_run(resolved(run))
    assert (run.status, run.content) == ("COMPLETED", "paid")
    assert desk.used == {"confirmation": ["pay 5 shop"], "user_input": ["pay 5 bob"]}.get(pauses_for, [])


def test_only_the_marked_tool_pauses(desk: Desk) -> None:
    step = asking(desk, wants("look", amount=1), wants("look", amount=2), wants(amount=3), "paid")
    run = a_flow(step).run()
    assert run.is_paused
    assert desk.used == ["look 1 shop", "look 2 shop"]


def test_after_a_no_the_agent_reads_the_note_and_may_use_another_tool(desk: Desk) -> None:
    workflow = a_flow(asking(desk, wants(amount=3), wants("look", amount=1), "looked instead"))
    run = workflow.run()
    run.step_requirements[0].executor_requirements[0].reject(note="look first")
    run = workflow.continue_run(run)
    assert (run.status, run.content, desk.used) == ("COMPLETED", "looked instead", ["look 1 shop"])
    assert [message.content for message in desk.heard if message.role == "tool"] == [
        "look first",
        "look did 1",
    ]


# Pause anatomy (001)


def test_a_pause_is_visible_at_the_run_the_step_and_the_call(desk: Desk) -> None:
    run = a_flow(asking(desk)).run()
    assert (run.is_paused, run.pause_kind, run.paused_step_name) == (True, PauseKind.EXECUTOR, "ask")
    step = run.step_requirements[0]
    assert (step.requires_executor_input, step.executor_name, step.executor_type) == (True, "Clerk", "agent")
    assert step.executor_id == "clerk"
    (call,) = step.executor_requirements
    assert (call.tool_execution.tool_name, call.tool_execution.tool_args) == ("pay", {"amount": 5})


def test_the_last_entry_is_the_current_pause(desk: Desk) -> None:
    workflow = a_flow(asking(desk, wants(amount=1), wants(amount=2), wants(amount=3), "paid"))
    run, pauses = workflow.run(), 0
    while run.is_paused:
        pauses += 1
        active = (run.step_requirements or [])[-1:]
        assert active[0].executor_requirements[-1].tool_execution.tool_args == {"amount": pauses}
        active[0].executor_requirements[-1].confirm()
        run = workflow.continue_run(run)
    assert (pauses, run.content, len(desk.used)) == (3, "paid", 3)


def test_the_loop_of_the_page_walks_over_what_was_answered_before(desk: Desk) -> None:
    workflow = a_flow(asking(desk, wants(amount=1), wants(amount=2), "paid"))
    run = workflow.run()
    while run.is_paused:
        for step_req in run.step_requirements or []:
            for executor_req in step_req.executor_requirements or []:
                executor_req.confirm()
        run = workflow.continue_run(run)
    assert desk.used == ["pay 1 shop", "pay 2 shop"]


# Composite steps (001)

AROUND: dict[str, Callable[[Step], Any]] = {
    "Step": lambda step: step,
    "Steps": lambda step: Steps("around", steps=[step, says("rest")]),
    "Condition": lambda step: Condition([step, says("rest")], name="around"),
    "Loop": lambda step: Loop([step, says("rest")], name="around", max_iterations=2),
    "Router": lambda step: Router([[step, says("rest")]], lambda _: "steps_group_0", name="around"),
    "Parallel": lambda step: Parallel(step, says("rest"), name="around"),
}


@pytest.mark.parametrize("around", AROUND)
def test_an_agent_pauses_inside_every_primitive_and_the_rest_runs(desk: Desk, around: str) -> None:
    workflow = a_flow(AROUND[around](asking(desk)), says("report"))
    run, pauses = workflow.run(), 0
    while run.is_paused:
        pauses += 1
        assert run.step_requirements[-1].step_name == "ask"
        run = workflow.continue_run(resolved(run))
    assert (pauses, len(desk.used)) == ((2, 2) if around == "Loop" else (1, 1))
    assert (run.status, run.content) == ("COMPLETED", "report")
    expected = "rest" if around != "Step" else "paid"
    assert run.step_results[0].deepest == expected


# The four ways, and the events (001)


def test_events_of_a_step_that_pauses_come_in_their_order(desk: Desk) -> None:
    workflow = a_flow(asking(desk))
    first = [event.event for event in workflow.run(stream=True, stream_events=True)]
    run = resolved(workflow.get_session().runs[-1])  # type: ignore[union-attr]
    second = [event.event for event in workflow.continue_run(run, stream=True, stream_events=True)]
    told = [
        name for name in (*first, *second) if name.startswith(("Step", "WorkflowC")) and name != "StepOutput"
    ]
    assert told == [
        "StepStarted",
        "StepExecutorPaused",
        "StepExecutorContinued",
        "StepCompleted",
        "WorkflowCompleted",
    ]


async def test_all_four_ways_can_be_awaited(desk: Desk) -> None:
    workflow = a_flow(asking(desk))
    runs = [await workflow.arun("plain")]
    events = [event async for event in workflow.arun("streamed", stream=True)]
    runs.append(events[-1].run_output)
    assert (await workflow.acontinue_run(resolved(runs[0]))).content == "paid"
    events = [event async for event in workflow.acontinue_run(resolved(runs[1]), stream=True)]
    assert (events[-1].content, len(desk.used)) == ("paid", 2)


def test_a_team_in_a_step_asks_for_its_member(desk: Desk) -> None:
    clerk = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    workflow = a_flow(Step("ask", team=desk.team(hands("clerk"), "all done", members=[clerk])))
    run = workflow.run()
    step = run.step_requirements[0]
    assert (step.executor_type, step.executor_name) == ("team", "Office")
    assert step.executor_requirements[0].member_agent_name == "Clerk"
    assert workflow.continue_run(resolved(run)).content == "all done"


# Use cases (002)


def alone(desk: Desk, *replies: Any, tools: list[Any]) -> Agent:
    """An agent on its own, with a database."""
    return desk.agent(*replies, tools=tools, db=SqliteDb("workflow.db"))


@pytest.mark.parametrize("pauses_for", FLAGS)
@pytest.mark.parametrize("by_id", [False, True])
def test_an_agent_on_its_own_pauses_and_goes_on(desk: Desk, pauses_for: str, by_id: bool) -> None:
    agent = alone(desk, wants(amount=5), "paid", tools=[desk.tool(**FLAGS[pauses_for])])
    run = agent.run("buy it")
    for requirement in run.active_requirements:
        yes(requirement)
    given = {"run_id": run.run_id, "requirements": run.requirements} if by_id else {"run_response": run}
    assert agent.continue_run(**given).content == "paid"


def test_the_agent_asks_for_what_it_lacks_as_often_as_it_needs_to(desk: Desk) -> None:
    fields = [
        [{"field_name": "city", "field_type": "str", "field_description": "Where?"}],
        [{"field_name": "days", "field_type": "int", "field_description": "How long?"}],
    ]
    forms = [wants("get_user_input", user_input_fields=form) for form in fields]
    agent = alone(desk, *forms, "planned", tools=[UserControlFlowTools()])
    run = agent.run("plan a trip")
    for name, kind, value in (("city", str, "Graz"), ("days", int, 3)):
        (field,) = run.active_requirements[0].user_input_schema or []
        assert (field.name, field.field_type) == (name, kind)
        field.value = value
        run = agent.continue_run(run_id=run.run_id, requirements=run.requirements)
    assert run.content == "planned"
    assert desk.heard[-1].content == 'User inputs retrieved: [{"name": "days", "value": 3}]'


def test_the_agent_has_people_choose(desk: Desk) -> None:
    options = [{"label": "Sea"}, {"label": "Hills"}]
    question = {"question": "Where to?", "header": "Place", "options": options}
    agent = alone(desk, wants("ask_user", questions=[question]), "booked", tools=[UserFeedbackTools()])
    run = agent.run("plan a trip")
    run.active_requirements[0].provide_user_feedback({"Where to?": ["Hills"]})
    assert agent.continue_run(run).content == "booked"
    assert '"selected": ["Hills"]' in desk.heard[-1].content


def test_what_an_admin_must_approve_no_script_can(desk: Desk) -> None:
    agent = alone(desk, wants(), "paid", tools=[approval(desk.tool())])
    run = agent.run("buy it")
    run.active_requirements[0].confirm()
    with pytest.raises(ValueError, match="Approval is still pending"):
        agent.continue_run(run)
    assert (desk.used, agent.get_run_output(str(run.run_id)).is_paused) == ([], True)  # type: ignore[union-attr]


def test_every_event_of_a_stream_says_whether_it_is_a_pause(desk: Desk) -> None:
    agent = alone(desk, wants(), "paid", tools=[desk.tool(requires_confirmation=True)])
    paused = [event.is_paused for event in agent.run("buy it", stream=True, stream_events=True)]
    assert paused[-1]
    assert not any(paused[:-1])
