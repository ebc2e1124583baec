"""Threads of LangGraph's real server are interrupted, people decide here, and they go on there."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hitl_portal.adapters.models import Pause, Server, Speaks
from tests.adapters.conftest import Decide, await_start, environment_of, patiently, process
from tests.e2e.portal import free_port
from workflows.models import Requirement

GRAPHS = Path(__file__).with_name("graphs.py")
Call = Callable[..., Any]


@pytest.fixture(scope="session")
def address(langgraph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server, which keeps its threads in memory."""
    folder, port = tmp_path_factory.mktemp("langgraph"), free_port()
    config = {"dependencies": ["."], "graphs": {"mail": f"{GRAPHS}:graph"}}
    (folder / "langgraph.json").write_text(json.dumps(config))
    quiet = {
        "LANGSMITH_TRACING": "false",
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGGRAPH_NO_VERSION_CHECK": "1",
    }
    command = [
        str(langgraph.with_name("langgraph")),
        "dev",
        "--no-browser",
        "--no-reload",
        "--port",
        str(port),
    ]
    environment = os.environ | environment_of(langgraph) | quiet
    with process(command, environment, folder / "log", cwd=folder) as running:
        await_start(f"http://127.0.0.1:{port}/ok", running, folder / "log")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def call(address: str) -> Call:
    """Give what asks the server."""

    def calling(method: str, path: str, **sent: Any) -> Any:
        answer = httpx.request(method, f"{address}{path}", timeout=30, **sent).raise_for_status()
        return answer.json() if answer.content else None

    return calling


@pytest.fixture
def server(address: str, transactional_db: None) -> Server:
    """Give it as an admin has registered it."""
    return Server.objects.create(
        name="mails", speaks=Speaks.LANGGRAPH, url=address, every=1, places=["graph/mail"]
    )


@pytest.fixture
def thread(call: Call) -> Iterator[str]:
    """Give a thread that is interrupted at two places."""
    made: str = call("POST", "/threads", json={})["thread_id"]
    call("POST", f"/threads/{made}/runs/wait", json={"assistant_id": "mail", "input": {"said": []}})
    yield made
    call("DELETE", f"/threads/{made}")


def test_each_interrupt_is_decided_here_and_the_thread_goes_on(
    call: Call, thread: str, worker: None, decide: Decide
) -> None:
    decide("edit", tool="pay", content={"amount": 4})
    decide("approve", kind="user_input", values={"form": "text", "text": "Grey"})
    asked = decide("approve", kind="confirmation")
    decide("reject", kind="confirmation")
    found = patiently(lambda: _idle(call, thread), "the end of the thread")
    edit = {"type": "edit", "args": {"action": "pay", "args": {"amount": 4}}}
    assert found["values"]["said"] == ["Grey", edit, True, False]
    assert not asked.is_restricted
    assert Requirement.objects.count() == 4
    patiently(lambda: Pause.objects.filter(status="delivered").count() == 4, "the end of the pauses")


def test_what_was_answered_there_is_asked_no_more_here(
    call: Call, thread: str, worker: None, decide: Decide
) -> None:
    patiently(lambda: Requirement.objects.open().count() == 2, "two questions")
    waits = call("GET", f"/threads/{thread}/state")["interrupts"]
    resume = {one["id"]: {"type": "ignore", "args": None} for one in waits}
    body = {"assistant_id": "mail", "command": {"resume": resume}}
    call("POST", f"/threads/{thread}/runs/wait", json=body)
    patiently(lambda: Requirement.objects.filter(status="withdrawn").count() == 2, "the withdrawals")
    assert Pause.objects.filter(status="elsewhere").count() == 2
    for _ in range(2):
        decide("approve", kind="confirmation")
    assert patiently(lambda: _idle(call, thread), "the end of the thread")


def _idle(call: Call, thread: str) -> Any:
    found = call("GET", f"/threads/{thread}")
    return found if found["status"] == "idle" else None
