"""Runs of agents as text for a terminal."""

import pytest

from tests.acceptance.talking import Desk, waiting, wants
from workflows import Workflow
from workflows.db import SqliteDb
from workflows.printing import apprint_run_response, pprint_run_response


def test_printing_a_paused_run(handle: SqliteDb, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    agent = desk.agent(wants(), "it is paid", tools=[desk.tool(requires_confirmation=True)], db=handle)
    run = agent.run("x")
    pprint_run_response(run)
    assert "waits for confirmation: pay({'amount': 5})" in capsys.readouterr().out
    waiting(run).confirm()
    pprint_run_response(agent.continue_run(run, stream=True))
    assert capsys.readouterr().out == "it is paid\n"


async def test_printing_in_a_loop(handle: SqliteDb, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    agent = desk.agent("it is done", db=handle)
    await apprint_run_response(agent.arun("x", stream=True))
    await apprint_run_response(agent.arun("x"))
    assert capsys.readouterr().out == "it is done\nit is done\n"
    workflow = Workflow(name="w", db=handle, steps=[agent])
    await apprint_run_response(workflow.arun("x"), markdown=True)
    assert "it is done" in capsys.readouterr().out
