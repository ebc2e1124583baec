"""Tools of which an admin decides, or whose decisions are recorded (spec 4.6; 5.8: P1-P7)."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, hands, inner, ran, waiting, wants, went_on
from workflows import Step, Workflow
from workflows.agents import Agent, Function, Team, approval
from workflows.db import AsyncSqliteDb, SqliteDb
from workflows.errors import NotEligible
from workflows.hop import hop
from workflows.policy import ADMINS, REVIEWERS
from workflows.run import RunStatus

YES = {"status": "approved", "resolved_by": "admin"}
NO = {"status": "rejected", "resolved_by": "admin"}


def gated(desk: Desk, type: str = "required", **flags: Any) -> Function:
    """A tool of which an admin decides."""
    return approval(type=type)(desk.tool(**flags))


def payer(handle: SqliteDb | None, desk: Desk, type: str = "required", **flags: Any) -> Agent:
    """An agent with such a tool."""
    return desk.agent(wants(), "paid", tools=[gated(desk, type, **flags)], db=handle)


def people(handle: SqliteDb, **groups: str) -> None:
    """People in a database, each in a group."""
    using = handle.runs.using  # type: ignore[attr-defined]

    def write() -> None:
        for name, group in groups.items():
            person = User.objects.using(using).create(username=name)
            person.groups.add(Group.objects.using(using).get_or_create(name=group)[0])

    hop(write)


def test_p1_there_is_no_record_of_other_pauses(handle: SqliteDb, desk: Desk) -> None:
    payer(handle, desk, "audit", requires_confirmation=True).run("x")
    desk.agent(wants(), tools=[desk.tool(requires_confirmation=True)], db=handle).run("x")
    assert handle.get_approvals() == ([], 0)
    assert handle.get_pending_approval_count() == 0


def test_p1_without_a_database_nobody_can_decide(desk: Desk) -> None:
    agent = payer(None, desk)
    run = agent.run("x")
    waiting(run).confirm()
    with pytest.raises(ValueError, match="needs an admin's approval, and that needs a db="):
        agent.continue_run(run)
    assert desk.used == []


def test_p2_what_is_recorded_of_a_pause(handle: SqliteDb, desk: Desk, way: Way) -> None:
    run = ran(way, payer(handle, desk), user_id="u1")
    ((record,), total) = handle.get_approvals(status="pending")
    assert total == handle.get_pending_approval_count() == 1
    expected = {
        "run_id": run.run_id,
        "session_id": run.session_id,
        "source_type": "agent",
        "source_name": "Clerk",
        "agent_id": "clerk",
        "team_id": None,
        "workflow_id": None,
        "user_id": "u1",
        "approval_type": "required",
        "pause_type": "confirmation",
        "tool_name": "pay",
        "tool_args": {"amount": 5},
        "schedule_id": None,
        "resolved_by": None,
        "run_status": "PAUSED",
    }
    assert {name: record[name] for name in expected} == expected
    assert record["context"]["tool_names"] == ["pay"]
    assert (run.tools or [])[0].approval_id == record["id"] == waiting(run).tool.approval_id
    assert (run.tools or [])[0].approval_type == "required"
    assert handle.get_approval(record["id"]) == record
    assert handle.get_approval("nothing") is None


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({}, "confirmation"),
        ({"requires_user_input": True}, "user_input"),
        ({"external_execution": True}, "external_execution"),
    ],
)
def test_p2_which_kind_of_pause(handle: SqliteDb, desk: Desk, flags: dict[str, Any], kind: str) -> None:
    payer(handle, desk, **flags).run("x")
    assert handle.get_approvals(pause_type=kind)[1] == 1


def test_p2_a_team_and_a_workflow_as_sources(handle: SqliteDb, desk: Desk) -> None:
    desk.team(hands("clerk"), members=[payer(None, desk)], db=handle).run("x")
    Workflow(name="Wf", db=handle, steps=[Step("ask", agent=payer(None, desk))]).run("x")
    ((team,), _) = handle.get_approvals(source_type="team")
    assert (team["team_id"], team["agent_id"], team["source_name"]) == ("office", "clerk", "Office")
    ((workflow,), _) = handle.get_approvals(workflow_id="wf")
    assert (workflow["source_type"], workflow["agent_id"], workflow["team_id"]) == ("workflow", "clerk", None)


@pytest.mark.parametrize(("answer", "status"), [("confirm", "approved"), ("reject", "rejected")])
def test_p3_an_audit_is_recorded_after_the_decision(
    handle: SqliteDb, desk: Desk, answer: str, status: str
) -> None:
    agent = payer(handle, desk, "audit", requires_confirmation=True)
    run = agent.run("x")
    assert handle.get_approvals()[1] == 0
    getattr(waiting(run), answer)()
    done = agent.continue_run(run, decided_by="ann")
    ((record,), _) = handle.get_approvals(approval_type="audit")
    assert (record["status"], record["resolved_by"], record["run_status"]) == (status, "ann", "COMPLETED")
    assert done.status is RunStatus.completed
    assert handle.get_pending_approval_count() == 0


def test_p4_p5_after_an_admins_yes_an_empty_body_goes_on(handle: SqliteDb, desk: Desk, way: Way) -> None:
    run = ran(way, payer(handle, desk), metadata={"from": "here"})
    ((record,), _) = handle.get_approvals()
    resolved = handle.update_approval(record["id"], expected_status="pending", **YES)
    assert (resolved["status"], resolved["resolved_by"]) == ("approved", "admin")
    done = went_on(
        way,
        payer(handle, desk),
        None,  # type: ignore[arg-type]
        run_id=run.run_id,
        session_id=run.session_id,
    )
    assert (done.content, desk.used) == ("paid", ["pay 5 shop"])
    assert done.metadata is not None
    assert done.metadata["from"] == "here"
    assert (done.metadata["approval"]["id"], done.metadata["approval"]["status"]) == (
        record["id"],
        "approved",
    )


@pytest.mark.parametrize("flags", [{}, {"requires_user_input": True}, {"external_execution": True}])
def test_p4_an_admins_no(handle: SqliteDb, desk: Desk, flags: dict[str, Any]) -> None:
    agent = payer(handle, desk, **flags)
    run = agent.run("x")
    ((record,), _) = handle.get_approvals()
    handle.update_approval(record["id"], resolution_data={"note": "too dear"}, **NO)
    done = agent.continue_run(run_id=run.run_id, session_id=run.session_id)
    assert (done.status, desk.used, desk.heard[-1].content) == (RunStatus.completed, [], "too dear")
    assert [r.confirmation for r in done.requirements] == [False]


def test_p4_values_and_results_come_with_the_decision(handle: SqliteDb, desk: Desk) -> None:
    form, outside = (
        payer(handle, desk, requires_user_input=True),
        payer(handle, desk, external_execution=True),
    )
    given = [(form, {"values": {"amount": 8, "to": "ann"}}), (outside, {"result": "done there"})]
    for agent, data in given:
        run = agent.run("x")
        ((record,), _) = handle.get_approvals(run_id=run.run_id)
        record = handle.update_approval(record["id"], resolution_data=data, **YES)
        assert record["resolution_data"] == data
        assert agent.continue_run(run_id=run.run_id, session_id=run.session_id).content == "paid"
    assert (desk.used, desk.heard[-1].content) == (["pay 8 ann"], "done there")


def test_p4_other_tools_are_untouched(handle: SqliteDb, desk: Desk) -> None:
    tools = [gated(desk), desk.tool("look", requires_confirmation=True)]
    agent = desk.agent([wants(), wants("look", amount=1)], "done", tools=tools, db=handle)
    run = agent.run("x")
    ((record,), _) = handle.get_approvals()
    handle.update_approval(record["id"], **YES)
    run = agent.continue_run(run_id=run.run_id, session_id=run.session_id)
    assert (run.is_paused, waiting(run).tool.tool_name, desk.used) == (True, "look", [])
    waiting(run).confirm()
    assert agent.continue_run(run).content == "done"
    assert sorted(desk.used) == ["look 1 shop", "pay 5 shop"]


def test_p5_pending_is_an_error(handle: SqliteDb, desk: Desk, way: Way) -> None:
    run = ran(way, payer(handle, desk))
    with pytest.raises(ValueError, match=r"Approval is still pending\. Resolve the approval before"):
        went_on(
            way,
            payer(handle, desk),
            None,  # type: ignore[arg-type]
            run_id=run.run_id,
            session_id=run.session_id,
        )


@pytest.mark.parametrize("form", ["run_response", "requirements", "dicts", "updated_tools"])
def test_m5_no_script_gets_around_it(handle: SqliteDb, desk: Desk, form: str) -> None:
    agent = payer(handle, desk)
    run = agent.run("x")
    waiting(run).confirm()
    given: dict[str, Any] = {
        "run_response": {"run_response": run},
        "requirements": {"run_id": run.run_id, "requirements": run.requirements},
        "dicts": {"run_id": run.run_id, "requirements": [r.to_dict() for r in run.requirements]},
        "updated_tools": {"run_id": run.run_id, "updated_tools": run.tools},
    }[form]
    with pytest.raises(ValueError, match="unresolved HITL requirements"):
        agent.continue_run(**given)
    assert (desk.used, handle.get_pending_approval_count()) == ([], 1)


@pytest.mark.parametrize("named", ["", "admin", "reviewer"])
def test_m5_no_workflow_gets_around_it(handle: SqliteDb, desk: Desk, way: Way, named: str) -> None:
    workflow = Workflow(name="w", db=handle, steps=[Step("ask", agent=payer(None, desk))])
    run = way.run(workflow)
    inner(run).confirm()
    with pytest.raises(ValueError, match="unresolved step requirements"):
        way.resume(workflow, run, decided_by=named)
    assert desk.used == []
    ((record,), _) = handle.get_approvals()
    handle.update_approval(record["id"], **YES)
    done = way.resume(workflow, run)
    assert (done.content, desk.used) == ("paid", ["pay 5 shop"])
    assert (done.metadata or {})["approval"]["status"] == "approved"


def test_m5_silence_is_no_admins_yes(handle: SqliteDb, desk: Desk) -> None:
    step = Step("ask", agent=payer(None, desk), hitl_timeout=1, on_timeout="approve")
    workflow = Workflow(name="w", db=handle, steps=[step])
    run = workflow.run("x")
    past(handle)
    done = workflow.continue_run(run)
    assert (done.is_cancelled, desk.used) == (True, [])
    ((record,), _) = handle.get_approvals()
    assert record["status"] == "expired"


def past(handle: SqliteDb) -> None:
    """Let every deadline have passed."""
    from workflows.models import Requirement

    rows = Requirement.objects.using(handle.runs.using)  # type: ignore[attr-defined]
    hop(lambda: rows.update(timeout_at="2000-01-01T00:00Z"))


def test_the_first_decision_stands(handle: SqliteDb, desk: Desk) -> None:
    payer(handle, desk).run("x")
    ((record,), _) = handle.get_approvals()
    assert handle.update_approval(record["id"], expected_status="approved", **NO) is None
    assert handle.update_approval(record["id"], expected_status="pending", **NO)["status"] == "rejected"
    assert handle.update_approval(record["id"], expected_status="pending", **YES) is None
    assert handle.update_approval(record["id"], **YES) is None
    assert handle.get_approval(record["id"])["status"] == "rejected"
    with pytest.raises(ValueError, match="becomes 'approved' or 'rejected', not 'pending'"):
        handle.update_approval(record["id"], status="pending")


def test_where_there_are_people_an_admin_is_named(handle: SqliteDb, desk: Desk) -> None:
    people(handle, admin=ADMINS, reviewer=REVIEWERS)
    agent = payer(handle, desk)
    run = agent.run("x")
    ((record,), _) = handle.get_approvals()
    for name in (None, "reviewer", "stranger"):
        with pytest.raises(NotEligible, match="is no active admin"):
            handle.update_approval(record["id"], status="approved", resolved_by=name)
    assert handle.get_pending_approval_count() == 1
    assert handle.update_approval(record["id"], **YES)["resolved_by"] == "admin"
    assert agent.continue_run(run_id=run.run_id, session_id=run.session_id).content == "paid"


def test_p5_after_an_admins_decision_in_the_portal(handle: SqliteDb, desk: Desk) -> None:
    from workflows import services
    from workflows.errors import DecisionRefused
    from workflows.types import Action, Answer

    people(handle, admin=ADMINS, reviewer=REVIEWERS)
    agent = payer(handle, desk)
    run = agent.run("x")
    ((record,), _) = handle.get_approvals()
    using = handle.runs.using  # type: ignore[attr-defined]

    def resolve(name: str) -> None:
        actor = services.Actor.of(User.objects.using(using).get(username=name), channel="api")
        answer = Answer(action=Action.approve)
        services.resolve(record["id"], revision=1, answer=answer, actor=actor, using=using)

    with pytest.raises(DecisionRefused):
        hop(resolve, "reviewer")
    hop(resolve, "admin")
    done = agent.continue_run(run_id=run.run_id, session_id=run.session_id)
    assert (done.content, done.metadata["approval"]["resolved_by"]) == ("paid", "admin")


async def test_p5_an_async_handle_is_awaited(file: Any, handle: SqliteDb, desk: Desk) -> None:
    db = AsyncSqliteDb(file)
    agent = desk.agent(wants(), "paid", tools=[gated(desk)], db=db)
    run = await agent.arun("x")
    ((record,), _) = await db.get_approvals(status="pending")
    assert await db.get_pending_approval_count() == 1
    await db.update_approval(record["id"], **YES)
    done = await agent.acontinue_run(run_id=run.run_id, session_id=run.session_id)
    assert (done.content, (await db.get_approval(record["id"]))["status"]) == ("paid", "approved")


def test_p7_a_team_goes_on_after_an_admins_yes(handle: SqliteDb, desk: Desk, way: Way) -> None:
    def made() -> Team:
        return desk.team(hands("clerk"), "all done", members=[payer(None, desk)], db=handle)

    run = ran(way, made())
    ((record,), _) = handle.get_approvals()
    handle.update_approval(record["id"], **YES)
    done = went_on(
        way,
        made(),
        None,  # type: ignore[arg-type]
        run_id=run.run_id,
        session_id=run.session_id,
    )
    assert (done.content, desk.used) == ("all done", ["pay 5 shop"])


def test_records_by_page_newest_first(handle: SqliteDb, desk: Desk) -> None:
    agent = payer(handle, desk)
    runs = [agent.run("x").run_id for _ in range(3)]
    found, total = handle.get_approvals(limit=2, page=1)
    rest, _ = handle.get_approvals(limit=2, page=2)
    assert total == 3
    assert [record["run_id"] for record in found + rest] == runs[::-1]
    assert handle.get_approvals(agent_id="clerk", run_id=runs[0])[1] == 1
    with pytest.raises(ValueError, match="Approvals have no colour"):
        handle.get_approvals(colour="red")


def test_a_run_that_was_ended_leaves_its_approval_cancelled(handle: SqliteDb, desk: Desk) -> None:
    agent = payer(handle, desk)
    agent.cancel_run(agent.run("x").run_id)
    ((record,), _) = handle.get_approvals()
    assert (record["status"], record["run_status"]) == ("cancelled", "CANCELLED")
