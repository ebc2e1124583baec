"""The real server hears of commits that another process makes, within a fifth of a second."""

import asyncio
import json
import subprocess
import sys
import time
from asyncio import Queue
from collections.abc import Iterator
from typing import Any, cast

import pytest
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from channels.db import database_sync_to_async
from django.conf import settings

from tests.e2e.portal import free_port
from tests.hitl_portal.live.conftest import SOON, cookie_of
from tests.rows import a_person, a_run, an_event

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20.0


@pytest.fixture
def port(transactional_db: None, process_environment: dict[str, str]) -> Iterator[int]:
    """Give the port of a web process on this test's database."""
    chosen = free_port()
    command = [sys.executable, "-m", "daphne", "-p", str(chosen), "hitl_portal.asgi:application"]
    environment = process_environment | {"SECRET_KEY": str(settings.SECRET_KEY)}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) as server:
        yield chosen
        server.terminate()


class Page(WebSocketClientProtocol):
    """Puts what it hears into a queue, with the time."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Queue[tuple[float, dict[str, Any]]] = Queue()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803  autobahn's names
        for message in json.loads(payload):
            self.heard.put_nowait((time.monotonic(), message))


async def page_at(port: int, cookie: str) -> Page:
    """Connect, as soon as the server answers."""
    factory = WebSocketClientFactory(  # type: ignore[no-untyped-call]
        f"ws://localhost:{port}/ws/live/?after=0",
        origin=f"http://localhost:{port}",
        headers={"Cookie": cookie},
    )
    factory.protocol = Page
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _, page = await asyncio.get_running_loop().create_connection(factory, "127.0.0.1", port)
        except OSError:
            assert time.monotonic() < deadline, "the server did not start"
            await asyncio.sleep(0.05)
        else:
            return cast("Page", page)


async def test_a_page_hears_of_another_process(port: int) -> None:
    reviewer = await database_sync_to_async(a_person)("reviewer", "reviewers")
    run = await database_sync_to_async(a_run)()
    first = await database_sync_to_async(an_event)(run)
    page = await page_at(port, await database_sync_to_async(cookie_of)(reviewer))
    assert (await asyncio.wait_for(page.heard.get(), PATIENCE))[1]["sequence"] == first.sequence

    latencies = []
    for _ in range(20):
        event = await database_sync_to_async(an_event)(run)
        committed = time.monotonic()
        heard_at, message = await asyncio.wait_for(page.heard.get(), SOON)
        latencies.append(heard_at - committed)
        assert message["sequence"] == event.sequence

    assert sorted(latencies)[len(latencies) // 2] < 0.2
    page.transport.close()
