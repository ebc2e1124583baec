"""Teams whose leader or members pause (spec 4.5; 5.7: A15-A22)."""

from typing import Any

import pytest

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, hands, inner, ran, waiting, wants, went_on
from workflows import Step, Workflow
from workflows.agents import Agent, RunOutput, Team, TeamRunOutput
from workflows.agents.models import ScriptedModel
from workflows.db import SqliteDb
from workflows.engine.conversation import Request
from workflows.run import RunStatus, WorkflowRunOutput


def office(handle: SqliteDb | None, desk: Desk, **flags: Any) -> Team:
    """A team whose member has a gated tool."""
    buyer = desk.agent(wants(), "bought", tools=[desk.tool(**flags)], name="Buyer")
    return desk.team(hands("buyer", "buy a pen"), "all done", members=[buyer], db=handle)


@pytest.mark.parametrize("kind", ["requires_confirmation", "requires_user_input", "external_execution"])
def test_a15_a_members_pause_is_the_teams(handle: SqliteDb, desk: Desk, way: Way, kind: str) -> None:
    def made() -> Team:
        return office(handle, desk, **{kind: True})

    run = ran(way, made(), "we need a pen")
    assert run.is_paused
    requirement = waiting(run)
    assert (requirement.member_agent_id, requirement.member_agent_name) == ("buyer", "Buyer")
    assert "Buyer" in str(run.content)
    assert "pay" in str(run.content)
    if kind == "requires_confirmation":
        requirement.confirm()
    elif kind == "requires_user_input":
        requirement.provide_user_input({"amount": 5, "to": "shop"})
    else:
        requirement.set_external_execution_result("pay did 5")
    done = went_on(way, made(), run)
    assert (done.status, done.content) == (RunStatus.completed, "all done")
    assert desk.used == ([] if kind == "external_execution" else ["pay 5 shop"])
    assert desk.heard[-1].content == "bought"


def test_a15_a_members_rejected_tool(handle: SqliteDb, desk: Desk, way: Way) -> None:
    team = office(handle, desk, requires_confirmation=True)
    run = ran(way, team)
    waiting(run).reject("too dear")
    done = went_on(way, team, run)
    assert (done.status, desk.used) == (RunStatus.completed, [])
    assert "too dear" in [message.content for request in desk.told for message in request.messages]


def test_a15_what_is_not_resolved_stays_paused(handle: SqliteDb, desk: Desk) -> None:
    buyer = desk.agent(
        [wants(amount=1), wants(amount=2)],
        "bought",
        tools=[desk.tool(requires_confirmation=True)],
        name="Buyer",
    )
    team = desk.team(hands("buyer"), "all done", members=[buyer], db=handle)
    run = team.run("x")
    first, second = run.active_requirements
    first.confirm()
    run = team.continue_run(run)
    assert (run.is_paused, waiting(run).id, desk.used) == (True, second.id, [])
    waiting(run).confirm()
    assert team.continue_run(run).content == "all done"


def test_a16_the_leaders_own_tool_waits(handle: SqliteDb, desk: Desk, way: Way) -> None:
    helper = desk.agent("helped", name="Helper")
    gate = desk.tool(requires_confirmation=True)

    def made() -> Team:
        return desk.team(wants(), hands("helper"), "all done", members=[helper], tools=[gate], db=handle)

    run = ran(way, made())
    assert waiting(run).member_agent_id is None
    assert run.content == "I have tools to execute, but I need confirmation."
    waiting(run).confirm()
    assert went_on(way, made(), run).content == "all done"
    assert desk.used == ["pay 5 shop"]


def test_a16_the_leaders_rejected_tool(handle: SqliteDb, desk: Desk) -> None:
    helper = desk.agent("helped", name="Helper")
    gate = desk.tool(requires_confirmation=True)
    team = desk.team(wants(), "then not", members=[helper], tools=[gate], db=handle)
    run = team.run("x")
    waiting(run).reject("no")
    assert (team.continue_run(run).content, desk.heard[-1].content) == ("then not", "no")


def test_a17_the_members_run_is_kept(handle: SqliteDb, desk: Desk, way: Way) -> None:
    team = office(handle, desk, requires_confirmation=True)
    run = ran(way, team)
    assert isinstance(run, TeamRunOutput)
    (member,) = run.member_responses
    assert (member.status, member.run_id) == (RunStatus.paused, waiting(run).member_run_id)
    waiting(run).confirm()
    done = went_on(way, team, run)
    kept = team.get_run_output(done.run_id or "")
    assert isinstance(kept, TeamRunOutput)
    (member,) = kept.member_responses
    assert (member.status, member.content) == (RunStatus.completed, "bought")
    assert member.parent_run_id == done.run_id
    assert [tool.result for tool in member.tools or []] == ["pay did 5"]


def test_a17_two_runs_in_one_session_do_not_mix(handle: SqliteDb, desk: Desk) -> None:
    team = office(handle, desk, requires_confirmation=True)
    one, two = (team.run(text, session_id="s") for text in ("one", "two"))
    waiting(two).confirm()
    assert team.continue_run(two).content == "all done"
    again = team.get_run_output(one.run_id, "s")
    assert again is not None
    assert again.is_paused
    waiting(one).reject("no")
    assert team.continue_run(one).content == "all done"
    assert desk.used == ["pay 5 shop"]


def test_a18_what_one_sees_of_a_requirement_is_a_copy(handle: SqliteDb, desk: Desk) -> None:
    team = office(handle, desk, requires_confirmation=True)
    run = team.run("x")
    assert isinstance(run, TeamRunOutput)
    waiting(run).tool_execution.tool_args = {"amount": 1000}
    waiting(run).confirm()
    (member,) = run.member_responses
    assert waiting(member).tool_execution.tool_args == {"amount": 5}
    assert waiting(member).needs_confirmation


def test_a19_three_levels_of_teams(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def made() -> Team:
        buyer = desk.agent(wants(), "bought", tools=[desk.tool(requires_confirmation=True)], name="Buyer")
        clerk = desk.agent("filed", name="Clerk")
        inner = desk.team(hands("buyer"), "inner done", members=[clerk, buyer], name="Inner")
        middle = desk.team(hands("inner"), "middle done", members=[clerk, inner], name="Middle")
        return desk.team(hands("clerk"), hands("middle"), "outer done", members=[clerk, middle], db=handle)

    run = ran(way, made())
    assert waiting(run).member_agent_name == "Buyer"
    told = len(desk.told)
    waiting(run).confirm()
    assert went_on(way, made(), run).content == "outer done"
    assert desk.used == ["pay 5 shop"]
    assert len(desk.told) == told + 4, "nothing that was said before is asked again"


def test_a19_a_member_that_there_is_not_is_told_to_the_leader(handle: SqliteDb, desk: Desk) -> None:
    team = desk.team(hands("nobody"), "sorry", members=[desk.agent("x", name="Clerk")], db=handle)
    assert team.run("x").content == "sorry"
    assert "There is no member 'nobody'" in desk.heard[-1].content


def test_a20_a_new_pause_while_continuing_is_a_new_requirement(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    buyer = desk.agent(
        wants(amount=1),
        wants(amount=2),
        "bought",
        tools=[desk.tool(requires_confirmation=True)],
        name="Buyer",
    )
    team = desk.team(hands("buyer"), "all done", members=[buyer], db=handle)
    run = ran(way, team)
    waiting(run).confirm()
    run = went_on(way, team, run)
    assert [r.tool_execution.tool_args for r in run.requirements or []] == [{"amount": 1}, {"amount": 2}]
    assert waiting(run).tool_execution.tool_args == {"amount": 2}
    waiting(run).confirm()
    assert went_on(way, team, run).content == "all done"
    assert desk.used == ["pay 1 shop", "pay 2 shop"]


def test_a20_two_members_wait_at_once_and_go_on_one_by_one(handle: SqliteDb, desk: Desk, way: Way) -> None:
    members = [
        desk.agent(
            wants(name, amount=1), f"{name} done", tools=[desk.tool(name, external_execution=True)], name=name
        )
        for name in ("ann", "bob")
    ]
    team = desk.team([hands("ann"), hands("bob")], "all done", members=members, db=handle)
    run = ran(way, team)
    ann, bob = sorted(run.active_requirements, key=lambda asked: str(asked.member_agent_name))
    assert (ann.member_agent_name, bob.member_agent_name) == ("ann", "bob")
    bob.set_external_execution_result("from bob")
    run = went_on(way, team, run)
    assert waiting(run).member_agent_name == "ann"
    waiting(run).set_external_execution_result("from ann")
    assert went_on(way, team, run).content == "all done"
    assert [message.content for message in desk.heard[-2:]] == ["ann done", "bob done"]


def test_a21_a_member_that_fails_takes_nothing_from_the_others(
    handle: SqliteDb, desk: Desk, way: Way
) -> None:
    def broken(request: Request) -> str:
        raise RuntimeError("no line")

    buyer = desk.agent(wants(), "bought", tools=[desk.tool(requires_confirmation=True)], name="Buyer")
    ill = Agent(ScriptedModel(broken), name="Ill")
    team = desk.team([hands("buyer"), hands("ill")], "all done", members=[buyer, ill], db=handle)
    run = ran(way, team)
    waiting(run).confirm()
    assert went_on(way, team, run).content == "all done"
    bought, failed = desk.heard[-2:]
    assert (bought.content, bought.failed) == ("bought", False)
    assert failed.failed
    assert "no line" in failed.content


def test_a22_members_see_what_the_run_was_given(handle: SqliteDb, desk: Desk, way: Way) -> None:
    buyer = desk.agent(
        wants(),
        "bought",
        tools=[desk.tool(requires_confirmation=True)],
        name="Buyer",
        instructions="Buy for {who}.",
    )
    team = desk.team(hands("buyer"), "all done", members=[buyer], db=handle)
    run = ran(way, team, "x", dependencies={"who": "ann"})
    waiting(run).confirm()
    went_on(way, team, run)
    system = [request.messages[0].content for request in desk.told if request.messages[0].role == "system"]
    assert system.count("Buy for ann.") == 2


def test_a_team_without_a_database_goes_on_by_its_run(desk: Desk) -> None:
    run = office(None, desk, requires_confirmation=True).run("x")
    waiting(run).confirm()
    done = office(None, desk, requires_confirmation=True).continue_run(run)
    assert (done.content, desk.used) == ("all done", ["pay 5 shop"])


def test_a_team_goes_on_by_id_in_another_object(handle: SqliteDb, desk: Desk) -> None:
    run = office(handle, desk, requires_confirmation=True).run("x", session_id="s")
    waiting(run).confirm()
    team = office(handle, desk, requires_confirmation=True)
    done = team.continue_run(run_id=run.run_id, session_id="s", requirements=run.requirements)
    assert done.content == "all done"


def test_finished_members_are_never_asked_again(handle: SqliteDb, desk: Desk, way: Way) -> None:
    clerk = desk.agent("filed", name="Clerk")
    buyer = desk.agent(wants(), "bought", tools=[desk.tool(requires_confirmation=True)], name="Buyer")
    team = desk.team([hands("clerk"), hands("buyer")], "all done", members=[clerk, buyer], db=handle)
    run = ran(way, team)
    before = len(desk.told)
    waiting(run).confirm()
    went_on(way, team, run)
    assert len(desk.told) - before == 2, "the buyer and the leader, once each"


def test_all_members_get_the_task(handle: SqliteDb, desk: Desk) -> None:
    members = [desk.agent(f"{name} here", name=name) for name in ("ann", "bob")]
    everybody = wants("delegate_task_to_members", task="say hello")
    team = desk.team(everybody, "all said", members=members, db=handle)
    assert team.run("x").content == "all said"
    assert desk.heard[-1].content == "ann: ann here\n\nbob: bob here"


def test_a_quiet_wait_is_left_out_of_what_the_team_says(handle: SqliteDb, desk: Desk) -> None:
    quiet = desk.tool("quiet", external_execution=True, external_execution_silent=True)
    loud = desk.tool("loud", requires_confirmation=True)
    buyer = desk.agent([wants("quiet", amount=1), wants("loud", amount=2)], tools=[quiet, loud], name="Buyer")
    run = desk.team(hands("buyer"), members=[buyer], db=handle).run("x")
    assert "loud" in run.content
    assert "quiet" not in run.content


def test_a_teams_run_travels_as_data(handle: SqliteDb, desk: Desk) -> None:
    team = office(handle, desk, requires_confirmation=True)
    run = TeamRunOutput.from_dict(team.run("x").to_dict())
    (member,) = run.member_responses
    assert isinstance(member, RunOutput)
    assert (member.agent_name, member.is_paused) == ("Buyer", True)
    waiting(run).confirm()
    assert team.continue_run(run).content == "all done"


def test_a_workflows_run_travels_with_what_its_executors_did(handle: SqliteDb, desk: Desk) -> None:
    team = office(None, desk, requires_confirmation=True)
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", team=team)])
    run = WorkflowRunOutput.from_dict(workflow.run("x").to_dict())
    (executed,) = run.step_executor_runs or ()
    assert isinstance(executed, TeamRunOutput)
    assert executed.member_responses[0].is_paused
    inner(run).confirm()
    assert workflow.continue_run(run).content == "all done"
