"""Runs of a real AgentOS wait, people decide here, and they go on there: for each kind of pause."""

import json
import sys
from typing import Any

import pytest

from hitl_portal.adapters.models import Pause, Server
from tests.adapters.agno.conftest import System
from tests.adapters.conftest import Decide, Start
from tests.waiting import eventually
from workflows.models import Requirement


@pytest.fixture
def worker(start: Start, server: Server) -> None:
    """Run a worker, whose sweep looks at the server."""
    reach = {"HITL_OUTBOUND_ALLOW": "127.0.0.1", "HITL_OUTBOUND_HTTP": server.url.removeprefix("http://")}
    start("worker", sys.executable, "manage.py", "work", **reach)


def wants(*calls: tuple[str, dict[str, Any]]) -> str:
    return "CALL " + json.dumps([{"name": name, "args": args} for name, args in calls])


def test_each_kind_is_decided_here_and_goes_on_there(system: System, worker: None, decide: Decide) -> None:
    paid = system.start("agents/clerk", wants(("pay", {"amount": 5, "to": "Grey"})), "pays")
    sent = system.start("agents/clerk", wants(("send", {"subject": "Hello"})), "sends")
    shelled = system.start("agents/clerk", wants(("shell", {"command": "ls"})), "shells")
    decide("edit", tool="pay", content={"amount": 4, "to": "Grey"})
    decide("approve", tool="send", values={"to": "Grey"})
    decide("approve", tool="shell", content="a.txt")
    assert system.ended("agents/clerk", paid) == "COMPLETED Done: paid 4 to Grey"
    assert system.ended("agents/clerk", sent) == "COMPLETED Done: sent Hello to Grey"
    assert system.ended("agents/clerk", shelled) == "COMPLETED Done: a.txt"
    eventually(lambda: Pause.objects.filter(status="delivered").count() == 3)
    assert Requirement.objects.count() == 3
