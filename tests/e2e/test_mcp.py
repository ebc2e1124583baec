"""The portal's tools, used by the library's own client: over HTTP and over stdio, beside real processes."""

import asyncio
import queue
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from httpx2 import AsyncClient
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.e2e.acting import press
from tests.e2e.conftest import Pages
from tests.e2e.portal import PATIENCE, ROOT, Portal

Way = Callable[[Portal, str], AbstractAsyncContextManager[Client]]
MAKING = (
    "from datetime import timedelta; from django.utils import timezone;"
    "from django.contrib.auth.models import User; from hitl_portal.api.models import ApiToken;"
    "person = User.objects.get(username='requester'); ends = timezone.now() + timedelta(days=1);"
    "print(ApiToken.objects.make(person, 'assistant', ['read', 'start'], ends)[1])"
)


@pytest.fixture(scope="module")
def token(portal: Portal) -> str:
    return portal.command("shell", "--no-imports", "-c", MAKING).splitlines()[-1]


@asynccontextmanager
async def over_http(portal: Portal, token: str) -> AsyncIterator[Client]:
    async with (
        AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE) as http,
        Client(streamable_http_client(f"{portal.url}/mcp", http_client=http)) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(portal: Portal, token: str) -> AsyncIterator[Client]:
    started = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp", "--url", portal.url],
        env=portal.environment | {"HITL_TOKEN": token},
        cwd=ROOT,
    )
    with (portal.directory / "mcp.log").open("a") as log:
        async with Client(stdio_client(started, errlog=log)) as client:
            yield client


class Asking:
    """A program that asks by a tool in a thread of its own; the handle comes with the first sign of life."""

    def __init__(self, way: Way, portal: Portal, token: str) -> None:
        self.way, self.portal, self.token = way, portal, token
        self.handles: queue.Queue[str] = queue.Queue()
        self.pool = ThreadPoolExecutor(1)

    def begin(self, message: str) -> Future[Any]:
        wanted = {"kind": "confirmation", "message": message, "wait": 2 * PATIENCE}
        return self._run(self.use("ask_human", wanted))

    def take_up(self, handle: str) -> Future[Any]:
        return self._run(self.use("wait_for_answer", {"requirement_id": handle, "wait": PATIENCE}))

    async def use(self, tool: str, wanted: dict[str, Any]) -> Any:
        async with self.way(self.portal, self.token) as client:
            return (await client.call_tool(tool, wanted, progress_callback=self._hear)).structured_content

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        found = re.search(r"requirement ([0-9a-f-]{36})", message or "")
        assert found
        self.handles.put(found[1])

    def _run(self, doing: Coroutine[Any, Any, Any]) -> Future[Any]:
        return self.pool.submit(asyncio.run, doing)


def approve(pages: Pages, handle: str) -> None:
    page = pages.signed_in("reviewer")
    page.goto(f"/requirements/{handle}/")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        press(page, "Approve")


def decided(told: Any) -> tuple[bool, str]:
    return told["answer"]["approved"], told["answer"]["decided_by"]


@pytest.mark.parametrize("way", [over_http, over_stdio])
def test_a_person_answers_in_the_browser_and_the_tool_returns(
    pages: Pages, portal: Portal, token: str, way: Way
) -> None:
    asking = Asking(way, portal, token)
    waiting = asking.begin("Pay 249.50 back for order 7?")
    approve(pages, asking.handles.get(timeout=PATIENCE))
    assert decided(waiting.result(PATIENCE)) == (True, "reviewer")


def test_over_stdio_the_wait_outlives_a_restart_of_the_portal(
    pages: Pages, portal: Portal, token: str
) -> None:
    asking = Asking(over_stdio, portal, token)
    waiting = asking.begin("Pay 12.00 back for order 8?")
    handle = asking.handles.get(timeout=PATIENCE)
    portal.stop()
    portal.start()
    approve(pages, handle)
    assert decided(waiting.result(PATIENCE)) == (True, "reviewer")


def test_over_http_the_handle_is_taken_up_after_a_restart(pages: Pages, portal: Portal, token: str) -> None:
    asking = Asking(over_http, portal, token)
    waiting = asking.begin("Pay 13.00 back for order 9?")
    handle = asking.handles.get(timeout=PATIENCE)
    portal.stop()
    portal.start()
    assert isinstance(waiting.exception(PATIENCE), MCPError | ExceptionGroup)
    again = asking.take_up(handle)
    approve(pages, handle)
    assert decided(again.result(PATIENCE)) == (True, "reviewer")


def test_over_stdio_nobody_comes_in_without_a_token(portal: Portal) -> None:
    command = [sys.executable, "manage.py", "mcp", "--url", portal.url]
    environment = {name: value for name, value in portal.environment.items() if name != "HITL_TOKEN"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "HITL_TOKEN" in done.stderr
