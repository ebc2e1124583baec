"""Lines about agents on a PostgreSQL: a handful of them, through a handle of its own (`make test` runs them)."""

from typing import Any

import pytest

from tests import databases
from tests.acceptance.acting import Way
from tests.acceptance.talking import Desk, hands, inner, ran, waiting, wants, went_on
from tests.acceptance.test_postgres import server
from workflows import Parallel, Step, Workflow
from workflows.agents import Agent, approval
from workflows.db import PostgresDb
from workflows.run import RunStatus

__all__ = ["server"]

pytestmark = pytest.mark.skipif(not databases.IS_POSTGRES, reason="runs with TEST_DATABASE=postgres")


def test_a1_a_gated_tool_in_all_ways(server: PostgresDb, desk: Desk, way: Way) -> None:
    def made() -> Agent:
        return desk.agent(wants(), "paid", tools=[desk.tool(requires_confirmation=True)], db=server)

    run = ran(way, made())
    waiting(run).confirm()
    assert went_on(way, made(), run).content == "paid"
    assert desk.used == ["pay 5 shop"]


def test_a19_a_nested_team(server: PostgresDb, desk: Desk) -> None:
    buyer = desk.agent(wants(), "bought", tools=[desk.tool(external_execution=True)], name="Buyer")
    inside = desk.team(hands("buyer"), "inner done", members=[buyer], name="Inner")
    team = desk.team(hands("inner"), "all done", members=[inside], db=server)
    run = team.run("x")
    waiting(run).set_external_execution_result("from outside")
    assert team.continue_run(run).content == "all done"


def test_e8_agents_in_branches_wait_at_once(server: PostgresDb, desk: Desk, way: Way) -> None:
    agents = [
        desk.agent(wants(), f"{name} done", tools=[desk.tool(requires_confirmation=True)], name=name)
        for name in ("ann", "bob")
    ]
    branches = [Step(agent.name, agent=agent) for agent in agents]
    workflow = Workflow(name="w", db=server, steps=[Parallel(*branches, name="p"), desk.step])
    run = way.run(workflow)
    for requirement in run.steps_requiring_executor_resolution:
        for each in requirement.executor_requirements or ():
            each.confirm()
    assert way.resume(workflow, run).status is RunStatus.completed
    assert desk.used[:2] == ["pay 5 shop"] * 2


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_p4_p5_an_admins_decision(server: PostgresDb, desk: Desk, status: str) -> None:
    agent = desk.agent(wants(), "done", tools=[approval(desk.tool())])
    workflow = Workflow(name="w", db=server, steps=[Step("ask", agent=agent)])
    run = workflow.run("x", user_id="u1")
    inner(run).confirm()
    with pytest.raises(ValueError, match="unresolved"):
        workflow.continue_run(run)
    found: Any = server.get_approvals(status="pending", user_id="u1", workflow_id="w")
    ((record,), _) = found
    assert server.update_approval(record["id"], status=status, resolved_by="admin")["status"] == status
    assert workflow.continue_run(run).content == "done"
    assert len(desk.used) == (1 if status == "approved" else 0)
