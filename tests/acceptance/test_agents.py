"""Agents that pause at a tool (spec 5.7: A1-A5, A9, A10, A23)."""

import pytest

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, ran, waiting, wants, went_on
from workflows.agents import RunRequirement, ToolExecution
from workflows.db import SqliteDb
from workflows.run import RunStatus


def test_a1_a2_a_gated_tool_waits_and_is_used_once_after_a_yes(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    agent = desk.agent(
        wants(amount=7, to="bob"), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle
    )
    run = ran(way, agent)
    assert run.is_paused
    assert (run.tools or [])[0].requires_confirmation
    assert run.content == "I have tools to execute, but I need confirmation."
    assert waiting(run).tool.tool_args == {"amount": 7, "to": "bob"}
    assert desk.used == []
    waiting(run).confirm()
    done = went_on(way, agent, run)
    assert (done.status, done.content) == (RunStatus.completed, "paid")
    assert desk.used == ["pay 7 bob"]
    assert desk.heard[-1].content == "pay did 7"
    assert (done.tools or [])[0].result == "pay did 7"


def test_a2_by_id_and_requirements_in_another_object(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def made() -> object:
        return desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)

    run = ran(way, made())  # type: ignore[arg-type]
    waiting(run).confirm()
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    given = {"run_id": run.run_id, "session_id": run.session_id, "requirements": run.requirements}
    done = went_on(way, agent, None, **given)  # type: ignore[arg-type]
    assert (done.content, done.run_id, desk.used) == ("paid", run.run_id, ["pay 5 shop"])


def test_a2_by_a_streams_last_event(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    for event in agent.run("buy it", stream=True):
        if event.is_paused:
            for requirement in event.active_requirements:
                requirement.confirm()
    response = agent.continue_run(run_id=event.run_id, requirements=event.requirements, stream=True)
    assert "".join(event.content for event in response if event.event == "RunContent") == "paid"


def test_a2_requirements_that_travelled_as_data(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    data = waiting(run).to_dict() | {"confirmation": True}
    assert agent.continue_run(run_id=run.run_id, requirements=[data]).content == "paid"


def test_a2_the_older_form_answers_at_the_tools(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    for tool in run.tools_requiring_confirmation:
        tool.confirmed = True
    assert agent.continue_run(run_id=run.run_id, updated_tools=run.tools).content == "paid"


def test_a3_a_no_reaches_the_model_with_its_note(handle: SqliteDb, desk: Desk, way: Way) -> None:
    agent = desk.agent(wants(), "then not", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = ran(way, agent)
    waiting(run).reject(note="too dear")
    done = went_on(way, agent, run)
    assert (done.status, done.content, desk.used) == (RunStatus.completed, "then not", [])
    assert (desk.heard[-1].content, desk.heard[-1].failed) == ("too dear", True)
    assert (done.tools or [])[0].tool_call_error is True


def test_a3_a_no_without_a_note(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "then not", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).reject()
    agent.continue_run(run)
    assert desk.heard[-1].content == "Function call was rejected by the user"


def test_a4_m6_all_gated_tools_of_a_turn_are_answered_before_any_is_used_once(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    tools = [desk.tool("pay", requires_confirmation=True), desk.tool("look")]
    calls = [wants("pay", amount=1), wants("look", amount=2), wants("pay", amount=3)]
    agent = desk.agent(calls, "paid", tools=tools, db=handle)
    run = ran(way, agent)
    first, second = run.active_requirements
    assert desk.used == []
    first.confirm()
    run = went_on(way, agent, run)
    assert run.is_paused
    assert (len(run.active_requirements), desk.used) == (1, [])
    second.confirm()
    done = went_on(way, agent, run, requirements=[second])
    assert done.content == "paid"
    assert sorted(desk.used) == ["look 2 shop", "pay 1 shop", "pay 3 shop"]


def test_a5_only_what_is_asked_can_be_answered() -> None:
    external = RunRequirement(tool_execution=ToolExecution(external_execution_required=True))
    for answer in (external.confirm, external.reject):
        with pytest.raises(ValueError, match="does not require confirmation"):
            answer()
    with pytest.raises(ValueError, match="does not require user input"):
        external.provide_user_input({"a": 1})
    with pytest.raises(ValueError, match="does not require user feedback"):
        external.provide_user_feedback({"a": ["b"]})
    asked = RunRequirement(tool_execution=ToolExecution(requires_confirmation=True))
    with pytest.raises(ValueError, match="does not require external execution"):
        asked.set_external_execution_result("x")


def test_a9_an_external_tool_is_used_elsewhere(handle: SqliteDb, desk: Desk, way: Way) -> None:
    pay = desk.tool(external_execution=True)
    agent = desk.agent(wants(amount=4), "paid", tools=[pay], db=handle)
    run = ran(way, agent)
    assert run.content == "I have tools to execute, but it needs external execution."
    requirement = waiting(run)
    assert requirement.is_external_tool_execution
    assert (requirement.tool.tool_name, desk.used) == ("pay", [])
    assert pay.entrypoint is not None
    requirement.tool_execution.result = pay.entrypoint(**requirement.tool_execution.tool_args or {})
    done = went_on(way, agent, run)
    assert (done.content, desk.used) == ("paid", ["pay 4 shop"])
    assert desk.heard[-1].content == "pay did 4"


def test_a9_without_a_result_nothing_goes_on(handle: SqliteDb, desk: Desk) -> None:
    calls = [wants(amount=1), wants(amount=2)]
    agent = desk.agent(calls, "paid", tools=[desk.tool(external_execution=True)], db=handle)
    run = agent.run("buy it")
    with pytest.raises(ValueError, match="unresolved HITL requirements"):
        agent.continue_run(run)
    for number, requirement in enumerate(run.active_requirements):
        requirement.set_external_execution_result(f"result {number}")
    assert agent.continue_run(run).content == "paid"
    assert [message.content for message in desk.heard[-2:]] == ["result 0", "result 1"]


def test_a10_nothing_is_needed_after_an_answer_at_either_level() -> None:
    for level in ("whole", "call"):
        for said in (True, False):
            asked = RunRequirement(tool_execution=ToolExecution(requires_confirmation=True))
            if level == "whole":
                asked.confirmation = said
            else:
                asked.tool_execution.confirmed = said
            assert not asked.needs_confirmation
            assert asked.is_resolved()
    outside = RunRequirement(tool_execution=ToolExecution(external_execution_required=True))
    outside.set_external_execution_result("")
    assert outside.is_resolved()
    assert RunRequirement(tool_execution=ToolExecution()).is_resolved()


def test_a10_an_empty_result_is_a_result(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(), "paid", tools=[desk.tool(external_execution=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).set_external_execution_result("")
    assert agent.continue_run(run).content == "paid"
    assert desk.heard[-1].content == ""


def test_a23_a_silent_wait_says_nothing(handle: SqliteDb, desk: Desk, way: Way) -> None:
    quiet = desk.tool(external_execution=True, external_execution_silent=True)
    run = ran(way, desk.agent(wants(), "paid", tools=[quiet], db=handle))
    assert (run.is_paused, run.content) == (True, "")


def test_a_reviewer_may_correct_the_arguments_and_exactly_that_is_used(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(amount=500), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).edit({"amount": 50, "to": "bob"})
    done = agent.continue_run(run)
    assert desk.used == ["pay 50 bob"]
    assert (done.tools or [])[0].tool_args == {"amount": 500}
    assert (done.requirements or [])[0].edited_args == {"amount": 50, "to": "bob"}


def test_arguments_that_are_assigned_before_a_yes_are_a_correction(handle: SqliteDb, desk: Desk) -> None:
    agent = desk.agent(wants(amount=500), "paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("buy it")
    waiting(run).tool_execution.tool_args = {"amount": 1}
    waiting(run).confirm()
    agent.continue_run(run)
    assert desk.used == ["pay 1 shop"]


def test_m6_a_tool_after_which_the_agent_is_done_is_that_after_a_yes_too(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    pay = desk.tool(requires_confirmation=True, stop_after_tool_call=True)
    agent = desk.agent(wants(), "not said", tools=[pay], db=handle)
    run = ran(way, agent)
    waiting(run).confirm()
    assert went_on(way, agent, run).content == "pay did 5"
    assert len(desk.told) == 1
