"""Agents and teams in steps: their pauses are the workflow's (page 001; spec 3.13; 5.6: E1-E10, E12)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, hands, inner, paused, wants
from workflows import Condition, Loop, Parallel, Router, Step, StepInput, Steps, Workflow
from workflows.agents import Agent, RunRequirement, ToolExecution, tool
from workflows.db import SqliteDb
from workflows.run import RunStatus, StepExecutorContinuedEvent, StepExecutorPausedEvent
from workflows.types import PauseKind, StepRequirement

NESTS: dict[str, Callable[..., Any]] = {
    "Steps": lambda *steps: Steps(name="outer", steps=list(steps)),
    "Condition": lambda *steps: Condition(list(steps), name="outer"),
    "Loop": lambda *steps: Loop(list(steps), name="outer", max_iterations=1),
    "Router": lambda *steps: Router(
        [Steps(name="way", steps=list(steps))], name="outer", selector=lambda _: "way"
    ),
    "Parallel": lambda *steps: Parallel(Steps(name="branch", steps=list(steps)), name="outer"),
    "Workflow": lambda *steps: Workflow(name="outer", steps=list(steps)),
}


def clerk(desk: Desk, *replies: Any, **flags: Any) -> Agent:
    """An agent with a gated tool."""
    gate = desk.tool(**(flags or {"requires_confirmation": True}))
    return desk.agent(*(replies or (wants(), "paid")), tools=[gate])


def test_e1_e2_a_gated_tool_pauses_the_workflow(handle: SqliteDb, desk: Desk, way: Way) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk)), desk.step])
    run = way.run(workflow, "buy it")
    assert (run.is_paused, run.pause_kind, run.paused_step_name) == (True, PauseKind.EXECUTOR, "ask")
    requirement = paused(run)
    assert requirement.requires_executor_input
    assert (requirement.executor_id, requirement.executor_name) == ("clerk", "Clerk")
    assert (requirement.executor_type, requirement.step_name) == ("agent", "ask")
    assert requirement.executor_run_id
    (asked,) = requirement.executor_requirements or []
    assert (asked.tool_execution.tool_name, asked.tool_execution.tool_args) == ("pay", {"amount": 5})
    assert (asked.needs_confirmation, desk.used) == (True, [])
    asked.confirm()
    done = way.resume(workflow, run)
    assert (done.status, done.content) == (RunStatus.completed, "after paid")
    assert desk.used == ["pay 5 shop", "step paid"]


def test_e2_after_a_no_the_model_decides(handle: SqliteDb, desk: Desk, way: Way) -> None:
    workflow = Workflow(
        name="w", db=handle, steps=[Step("ask", agent=clerk(desk, wants(), "then not")), desk.step]
    )
    run = way.run(workflow)
    inner(run).reject(note="too dear")
    done = way.resume(workflow, run)
    assert (done.status, done.content) == (RunStatus.completed, "after then not")
    assert (desk.used, desk.heard[-1].content) == (["step then not"], "too dear")


def test_e3_streams_tell_of_the_pause_and_of_going_on(handle: SqliteDb, desk: Desk) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk))])
    (pause,) = [e for e in workflow.run("x", stream=True) if isinstance(e, StepExecutorPausedEvent)]
    assert (pause.executor_name, str(pause.executor_type), pause.step_name) == ("Clerk", "agent", "ask")
    assert [each.tool_execution.tool_name for each in pause.executor_requirements or ()] == ["pay"]
    run = workflow.get_session().runs[-1]  # type: ignore[union-attr]
    for step_req in run.step_requirements or []:
        for executor_req in step_req.executor_requirements or []:
            executor_req.confirm()
    events = list(workflow.continue_run(run, stream=True))
    (on,) = [e for e in events if isinstance(e, StepExecutorContinuedEvent)]
    assert on.executor_name == "Clerk"
    text = "".join(e.content for e in events if e.event == "RunContent")
    assert text == "paid"


@pytest.mark.parametrize("kind", ["requires_confirmation", "requires_user_input", "external_execution"])
def test_e4_a_team_in_a_step(handle: SqliteDb, desk: Desk, way: Way, kind: str) -> None:
    def flow() -> Workflow:
        buyer = desk.agent(wants(), "bought", tools=[desk.tool("pay", **{kind: True})], name="Buyer")
        team = desk.team(hands("buyer"), "all done", members=[buyer])
        return Workflow(name="w", db=handle, steps=[Step("ask", team=team), desk.step])

    run = way.run(flow())
    requirement = paused(run)
    assert (requirement.executor_type, requirement.executor_name) == ("team", "Office")
    asked = inner(run)
    assert asked.member_agent_name == "Buyer"
    if asked.needs_confirmation:
        asked.confirm()
    elif asked.needs_user_input:
        asked.provide_user_input({"amount": 5, "to": "shop"})
    else:
        asked.tool_execution.result = "done outside"
    assert way.resume(flow(), run).content == "after all done"


def test_e5_what_ran_before_is_kept(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def gather(step_input: StepInput) -> str:
        desk.used.append("gather")
        return "facts"

    workflow = Workflow(name="w", db=handle, steps=[gather, Step("ask", agent=clerk(desk)), desk.step])
    run = way.run(workflow)
    assert (run.paused_step_index, run.paused_step_name) == (1, "ask")
    assert desk.heard[-1].content == "facts"
    inner(run).confirm()
    done = way.resume(workflow, run)
    assert desk.used == ["gather", "pay 5 shop", "step paid"]
    assert [output.content for output in done.step_results] == ["facts", "paid", "after paid"]


def test_e6_only_what_is_open_is_listed(handle: SqliteDb, desk: Desk) -> None:
    agent = clerk(desk, [wants(amount=1), wants(amount=2)], wants(amount=3), "paid")
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent)])
    run = workflow.run("x")
    (paused(run).executor_requirements or [])[0].confirm()
    run = workflow.continue_run(run)
    assert inner(run).tool_execution.tool_args == {"amount": 2}
    inner(run).confirm()
    run = workflow.continue_run(run)
    assert [r.tool_execution.tool_args for r in paused(run).executor_requirements or []] == [{"amount": 3}]


def test_e6_a_requirement_without_inner_ones_is_no_error() -> None:
    requirement = StepRequirement(step_id="x", requires_executor_input=True)
    assert requirement.is_resolved
    assert StepRequirement.from_dict(requirement.to_dict()).is_resolved


def test_e7_a_pause_is_resolved_when_all_of_it_is() -> None:
    calls = [RunRequirement(tool_execution=ToolExecution(requires_confirmation=True)) for _ in range(2)]
    requirement = StepRequirement(step_id="x", requires_executor_input=True, executor_requirements=[*calls])
    for call in calls:
        assert requirement.needs_executor_resolution
        call.confirm()
    assert not requirement.needs_executor_resolution
    requirement.executor_requirements = ["what is this?"]
    assert requirement.needs_executor_resolution


def test_e8_branches_wait_at_once_and_the_others_go_on(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def flow() -> Workflow:
        agents = [
            desk.agent(
                wants(name, amount=1),
                f"{name} done",
                tools=[desk.tool(name, requires_confirmation=True)],
                name=name,
            )
            for name in ("ann", "bob")
        ]
        branches = [Step(f"ask {agent.name}", agent=agent) for agent in agents]
        return Workflow(
            name="w", db=handle, steps=[Parallel(*branches, desk.step, name="p"), Step("end", desk.step)]
        )

    run = way.run(flow())
    assert desk.used == ["step None"]
    ann, bob = sorted(run.steps_requiring_executor_resolution, key=lambda pause: str(pause.executor_name))
    assert [ann.executor_name, bob.executor_name] == ["ann", "bob"]
    (bob.executor_requirements or [])[0].confirm()
    run = way.resume(flow(), run)
    assert run.is_paused
    assert paused(run).executor_name == "ann"
    inner(run).confirm()
    done = way.resume(flow(), run)
    assert done.status is RunStatus.completed
    assert desk.used[1:3] == ["bob 1 shop", "ann 1 shop"]
    assert [out.content for out in done.step_results[0].steps or []][:2] == ["ann done", "bob done"]


def test_e9_two_gated_calls_one_after_the_other(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = clerk(desk, wants(amount=1), wants(amount=2), "paid")
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=agent)])
    run = way.run(workflow)
    for amount in (1, 2):
        active = (run.step_requirements or [])[-1]
        (asked,) = active.executor_requirements or []
        assert asked.tool_execution.tool_args == {"amount": amount}
        asked.confirm()
        run = way.resume(workflow, run)
    assert (run.content, len(run.step_requirements or [])) == ("paid", 2)
    assert desk.used == ["pay 1 shop", "pay 2 shop"]


@pytest.mark.parametrize("nest", NESTS)
def test_e10_m11_inside_a_composite_the_rest_of_it_goes_on(
    handle: SqliteDb, desk: Desk, way: Way, nest: str
) -> None:
    def flow() -> Workflow:
        inside = [Step("first", desk.step), Step("ask", agent=clerk(desk)), Step("last", desk.step)]
        return Workflow(name="w", db=handle, steps=[NESTS[nest](*inside), Step("end", desk.step)])

    run = way.run(flow(), "x")
    assert (run.paused_step_name, paused(run).step_name) == ("outer", "ask")
    inner(run).confirm()
    done = way.resume(flow(), run)
    assert done.status is RunStatus.completed
    assert desk.used == ["step None", "pay 5 shop", "step paid", "step after paid"]


@pytest.mark.parametrize("nest", NESTS)
def test_m12_two_agents_in_one_composite(handle: SqliteDb, desk: Desk, nest: str) -> None:
    agents = [
        desk.agent(
            wants(name, amount=1),
            f"{name} done",
            tools=[desk.tool(name, requires_confirmation=True)],
            name=name,
        )
        for name in ("ann", "bob")
    ]
    items = [NESTS[nest](*(Step(agent.name, agent=agent) for agent in agents)), Step("end", desk.step)]
    workflow = Workflow(name="w", db=handle, steps=items)
    run = workflow.run("x")
    for name in ("ann", "bob"):
        assert paused(run).executor_name == name
        inner(run).confirm()
        run = workflow.continue_run(run)
    assert run.content == "after bob done"
    assert desk.used == ["ann 1 shop", "bob 1 shop", "step bob done"]


def test_e10_a_loop_pauses_in_each_iteration(handle: SqliteDb, desk: Desk, way: Way) -> None:
    loop = Loop([Step("ask", agent=clerk(desk)), desk.step], name="l", max_iterations=3)
    workflow = Workflow(name="w", db=handle, steps=[loop, Step("end", desk.step)])
    run = way.run(workflow)
    for _ in range(3):
        inner(run).confirm()
        run = way.resume(workflow, run)
    assert (run.status, run.content) == (RunStatus.completed, "after after paid")
    assert desk.used == ["pay 5 shop", "step paid"] * 3 + ["step after paid"]


def test_e12_bare_agents_teams_and_functions_go_on_in_another_object(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    def flow() -> Workflow:
        buyer = desk.agent(
            wants("buy", amount=2),
            "bought",
            tools=[desk.tool("buy", requires_confirmation=True)],
            name="Buyer",
        )
        team = desk.team(hands("buyer"), "team done", members=[buyer])
        return Workflow(name="w", db=handle, steps=[desk.step, clerk(desk), team, Step("end", desk.step)])

    run = way.run(flow())
    for _ in range(2):
        inner(run).confirm()
        run = flow().continue_run(
            run_id=run.run_id, session_id=run.session_id, step_requirements=run.step_requirements
        )
    assert run.content == "after team done"
    assert desk.used == ["step None", "pay 5 shop", "buy 2 shop", "step team done"]


def test_answers_as_dicts_count_as_objects_do(handle: SqliteDb, desk: Desk) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk))])
    run = workflow.run("x")
    for item in paused(run).executor_requirements or []:
        assert "tool_execution" in item
        assert item.get("tool_execution", {}).get("tool_name") == "pay"
        item["confirmation"] = True
        item["tool_execution"]["confirmed"] = True
    assert workflow.continue_run(run).content == "paid"


def test_answers_that_came_as_json(handle: SqliteDb, desk: Desk) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk))])
    run = workflow.run("x")
    data = paused(run).to_dict()
    data["executor_requirements"][0]["confirmation"] = True
    done = workflow.continue_run(run_id=run.run_id, session_id=run.session_id, step_requirements=[data])
    assert (done.content, desk.used) == ("paid", ["pay 5 shop"])


def test_page_001_answers_history_again_in_vain(handle: SqliteDb, desk: Desk) -> None:
    agent = clerk(desk, wants(amount=1), wants(amount=2), "paid")
    workflow = Workflow(name="w", db=handle, steps=[agent])
    response = workflow.run("x")
    for _ in range(2):
        for step_req in response.step_requirements or []:
            if step_req.requires_executor_input:
                for executor_req in step_req.executor_requirements or []:
                    executor_req.confirm()
        response = workflow.continue_run(response)
    assert (response.content, desk.used) == ("paid", ["pay 1 shop", "pay 2 shop"])


def test_page_001_user_input(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = clerk(desk, wants(amount=3), "paid", user_input_fields=["to"])
    workflow = Workflow(name="w", db=handle, steps=[agent])
    run = way.run(workflow)
    values = {field.name: field.value or "ann" for field in inner(run).user_input_schema or []}
    inner(run).provide_user_input(values)
    assert way.resume(workflow, run).content == "paid"
    assert desk.used == ["pay 3 ann"]


def test_page_001_external_execution(handle: SqliteDb, desk: Desk, way: Way) -> None:
    workflow = Workflow(name="w", db=handle, steps=[clerk(desk, external_execution=True)])
    run = way.run(workflow)
    asked = inner(run)
    assert asked.needs_external_execution
    asked.tool_execution.result = "from outside"
    assert way.resume(workflow, run).content == "paid"
    assert (desk.used, desk.heard[-1].content) == ([], "from outside")


def test_nothing_goes_on_while_anything_is_open(handle: SqliteDb, desk: Desk, way: Way) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk))])
    run = way.run(workflow)
    with pytest.raises(ValueError, match=r"Cannot continue run - unresolved step requirements: \['ask'\]"):
        way.resume(workflow, run)
    assert desk.used == []


def test_the_inner_run_is_found_in_the_output(handle: SqliteDb, desk: Desk) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=clerk(desk))])
    run = workflow.run("x")
    (executed,) = run.step_executor_runs
    assert (executed.status, executed.run_id) == (RunStatus.paused, paused(run).executor_run_id)
    inner(run).confirm()
    (executed,) = workflow.continue_run(run).step_executor_runs
    assert (executed.status, executed.content, executed.agent_name) == (RunStatus.completed, "paid", "Clerk")
    assert [tool.result for tool in executed.tools] == ["pay did 5"]


def test_one_agent_in_two_steps(handle: SqliteDb, desk: Desk) -> None:
    agent = clerk(desk)
    workflow = Workflow(name="w", db=handle, steps=[Step("one", agent=agent), Step("two", agent=agent)])
    run = workflow.run("x")
    for name in ("one", "two"):
        assert paused(run).step_name == name
        inner(run).confirm()
        run = workflow.continue_run(run)
    assert (run.content, desk.used) == ("paid", ["pay 5 shop"] * 2)


def test_m18_what_the_run_was_given_is_there_after_the_pause(handle: SqliteDb, desk: Desk, way: Way) -> None:
    seen: list[Any] = []

    @tool(requires_confirmation=True)
    def look(run_context: Any, session_state: dict[str, Any]) -> str:
        """Look around."""
        seen.append((run_context.dependencies, run_context.metadata, run_context.user_id))
        session_state["looked"] = True
        return "seen"

    def end(step_input: StepInput, session_state: dict[str, Any]) -> str:
        return f"{step_input.additional_data} {session_state} {step_input.images}"

    def flow() -> Workflow:
        agent = desk.agent(wants("look"), "done", tools=[look], instructions="Help {who}.")
        return Workflow(name="w", db=handle, steps=[Step("ask", agent=agent), end])

    given: dict[str, Any] = {"dependencies": {"who": "ann"}, "metadata": {"a": 1}, "user_id": "u1"}
    run = way.run(flow(), "x", additional_data={"b": 2}, images=["a.png"], **given)
    inner(run).confirm()
    done = way.resume(flow(), run)
    assert seen == [({"who": "ann"}, {"a": 1}, "u1")]
    assert desk.heard[0].content == "Help ann."
    assert desk.heard[1].media == {"images": ["a.png"]}
    assert done.content == "{'b': 2} {'looked': True} ['a.png']"
