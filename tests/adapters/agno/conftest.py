"""A real AgentOS beside a portal with a worker, and a model on loopback that does what it is told."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hitl_portal.adapters.models import Server, Speaks
from tests.adapters.conftest import await_start, environment_of, patiently, process
from tests.e2e.portal import free_port
from tests.providers.replies import Call, Outcome, Say, call
from tests.providers.server import Provider, Received

PROGRAM = str(Path(__file__).with_name("server.py"))
KEY = "a key of the server"
WANTED = re.compile(r"CALL (\[.*\])")


def obedient(received: Received) -> Outcome:
    """Calls the tools that the prompt names, once; then repeats what it was told last."""
    last = received.body["messages"][-1]
    text = _text(last.get("content"))
    wanted = WANTED.search(text) if last["role"] == "user" else None
    offered = {tool["function"]["name"] for tool in received.body.get("tools", [])}
    calls: list[Call] = [
        call(one["name"], **one["args"])
        for one in (json.loads(wanted[1]) if wanted else [])
        if one["name"] in offered
    ]
    return Say(calls=calls) if calls else Say(text=f"Done: {text}")


def _text(content: Any) -> str:
    return " ".join(part.get("text", "") for part in content) if isinstance(content, list) else str(content)


@dataclass(frozen=True, kw_only=True)
class System:
    """The running AgentOS."""

    url: str
    log: Path

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """What it answers, as whoever runs it."""
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = httpx.request(method, f"{self.url}/{path}", headers=headers, timeout=30, **sent)
        return answer.raise_for_status().json()

    def start(self, place: str, message: str = "go", session: str = "one") -> dict[str, Any]:
        """Start a run of "agents/clerk" and so on; it comes back once it waits."""
        form = {"message": message, "stream": "false", "session_id": session}
        found: dict[str, Any] = self.call("POST", f"{place}/runs", data=form)
        assert found["status"] == "PAUSED", found
        return found

    def run(self, place: str, run: dict[str, Any]) -> dict[str, Any]:
        """As it stands."""
        asked = {"session_id": run["session_id"]}
        found: dict[str, Any] = self.call("GET", f"{place}/runs/{run['run_id']}", params=asked)
        return found

    def ended(self, place: str, run: dict[str, Any]) -> str:
        """What it gave, once it has ended."""

        def look() -> dict[str, Any] | None:
            found = self.run(place, run)
            return found if found["status"] in ("COMPLETED", "CANCELLED", "ERROR") else None

        found = patiently(look, f"the end of {place}")
        return f"{found['status']} {found.get('content')}"


@pytest.fixture(scope="session")
def model() -> Iterator[Provider]:
    """Give a model that does what it is told."""
    with Provider() as provider:
        provider.answering = obedient
        yield provider


@pytest.fixture(scope="session")
def system(agno: Path, model: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Give a running AgentOS."""
    port = free_port()
    folder = tmp_path_factory.mktemp("system")
    environment = os.environ | environment_of(agno) | {"OS_SECURITY_KEY": KEY, "AGNO_TELEMETRY": "false"}
    command = [str(agno), PROGRAM, str(port), str(folder / "system.db"), model.openai]
    with process(command, environment, folder / "log") as running:
        found = System(url=f"http://127.0.0.1:{port}", log=folder / "log")
        await_start(f"{found.url}/health", running, found.log)
        yield found


@pytest.fixture
def server(system: System, transactional_db: None) -> Server:
    """Give it as an admin has registered it."""
    made = Server(name="clerks", speaks=Speaks.AGNO, url=system.url, every=1)
    made.set_bearer(KEY)
    made.save()
    return made
