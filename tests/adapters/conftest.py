"""A portal in processes of its own on a test's database, and programs in the frameworks' environments."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User

from tests.adapters.environments import ROOT, python_of
from tests.e2e.portal import START_PATIENCE, free_port
from tests.hitl_portal.api.conftest import token_of
from tests.waiting import Found, eventually
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

# Each starts processes with large packages, several of them, on however busy a machine.
PATIENCE = 120.0

Start = Callable[..., subprocess.Popen[bytes]]
Decide = Callable[..., Requirement]


def patiently(look: Callable[[], Found | None], what: str = "it") -> Found:
    """What `look` finds, as soon as that is something; the test fails when it stays nothing."""
    return eventually(look, what, PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is about the frameworks themselves."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("adapters")


@pytest.fixture
def process_environment(transactional_db: None, process_environment: dict[str, str]) -> dict[str, str]:
    """Give processes this test's database and keys; what is decided counts at once."""
    return process_environment | {
        "SECRET_KEY": str(settings.SECRET_KEY),
        "HITL_HOLD_SECONDS": "0",
    }


@contextmanager
def process(
    command: list[str], environment: dict[str, str], log: Path, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run it meanwhile."""
    with log.open("ab") as said:
        running = subprocess.Popen(command, cwd=cwd, env=environment, stdout=said, stderr=subprocess.STDOUT)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def await_start(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers there."""
    deadline = time.monotonic() + START_PATIENCE
    while True:
        try:
            if httpx.get(url, timeout=5).status_code < 500:
                return
        except httpx.TransportError:
            assert running.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.fixture
def start(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Give what starts a process, which ends with the test; its output is in a file named after it."""
    with ExitStack() as stack:

        def starting(name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
            log = tmp_path / f"{name}.log"
            return stack.enter_context(process([*command], process_environment | environment, log))

        yield starting


@pytest.fixture
def portal(start: Start, tmp_path: Path) -> str:
    """Give the address of the portal's web process."""
    port = free_port()
    web = start("web", sys.executable, "-m", "daphne", "-p", str(port), "hitl_portal.asgi:application")
    await_start(f"http://localhost:{port}/healthz", web, tmp_path / "web.log")
    return f"http://localhost:{port}"


@pytest.fixture
def token(requester: User) -> str:
    """Give a token with which a program asks."""
    return token_of(requester, "read", "start")


@pytest.fixture
def decide(reviewer: User) -> Decide:
    """Give what answers the next open requirement that fits: `decide("approve", kind="route", choices=("sea",))`."""

    def deciding(action: str, *, tool: str = "", kind: str = "", **said: Any) -> Requirement:
        def look() -> Requirement | None:
            rows = Requirement.objects.open().order_by("opened_at")
            rows = rows.filter(kind=kind) if kind else rows
            return (rows.filter(details__tool__name=tool) if tool else rows).first()

        row = patiently(look, f"a question ({kind or tool or 'any'})")
        answer = Answer(action=Action(action), **said)
        resolve(row.pk, revision=row.revision, answer=answer, actor=Actor.of(reviewer, "api"))
        return row

    return deciding


@pytest.fixture
def worker(start: Start, request: pytest.FixtureRequest) -> None:
    """Run a worker, whose sweep looks at the fixture `server`, which it may reach."""
    reach = request.getfixturevalue("server").url.removeprefix("http://")
    allowed = {"HITL_OUTBOUND_ALLOW": "127.0.0.1", "HITL_OUTBOUND_HTTP": reach}
    start("worker", sys.executable, "manage.py", "work", **allowed)


@pytest.fixture(scope="session")
def langgraph() -> Path:
    """Give the interpreter that has LangGraph."""
    return python_of("langgraph")


@pytest.fixture(scope="session")
def agno() -> Path:
    """Give the interpreter that has Agno."""
    return python_of("agno")


def told(running: subprocess.Popen[bytes], log: Path) -> Any:
    """What a program has printed last, as JSON, once it has ended well."""
    assert running.wait(PATIENCE) == 0, log.read_text()
    return json.loads(log.read_text().splitlines()[-1])


def environment_of(python: Path) -> dict[str, str]:
    """In which a program finds the client and the adapters, but nothing else of ours."""
    return {"PYTHONPATH": str(ROOT), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
