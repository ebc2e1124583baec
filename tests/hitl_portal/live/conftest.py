"""Websockets of signed-in people, against the portal's whole ASGI application."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.asgi import application
from tests.rows import a_person, a_requirement, a_run
from workflows.models import Requirement, WorkflowRun

SOON = 5.0
# As long as a busy machine may take for what is on its way.
QUIET = 0.6


def cookie_of(person: User) -> str:
    """The cookie of a new session of this person."""
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Socket(WebsocketCommunicator):
    """One page's websocket."""

    def __init__(self, cookie: str = "", after: Any = None, origin: str = "http://localhost:8000") -> None:
        query = "" if after is None else f"?after={after}"
        headers = [(b"origin", origin.encode()), (b"cookie", cookie.encode())]
        super().__init__(application, f"/ws/live/{query}", headers=headers)
        self._heard: list[dict[str, Any]] = []

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        if not self._heard:
            self._heard = await self.receive_json_from(SOON)
        return self._heard.pop(0)

    async def hear_of(self, sequence: int) -> None:
        """Let everything pass until this event."""
        while (await self.hear())["sequence"] != sequence:
            pass

    async def hears_nothing(self) -> bool:
        return not self._heard and bool(await self.receive_nothing(QUIET))

    async def closing_code(self) -> int:
        message = await self.receive_output(SOON)
        assert message["type"] == "websocket.close", message
        return int(message["code"])


@pytest.fixture
def reviewer(transactional_db: None) -> User:
    return a_person("reviewer", "reviewers")


@pytest.fixture
def admin(transactional_db: None) -> User:
    return a_person("admin", "admins")


@pytest.fixture
def requester(transactional_db: None) -> User:
    return a_person("requester")


@pytest.fixture
def stranger(transactional_db: None) -> User:
    return a_person("stranger")


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    return a_run(requester)


@pytest.fixture
def requirement(run: WorkflowRun) -> Requirement:
    return a_requirement(run)


Open = Callable[..., Awaitable[Socket]]


@pytest.fixture
async def open_socket(transactional_db: None) -> AsyncIterator[Open]:
    """Open a socket for a person; it is closed, and the fanout's thread has ended, before the test does."""
    opened = []

    async def opening(person: User, **options: Any) -> Socket:
        socket = Socket(await database_sync_to_async(cookie_of)(person), **options)
        opened.append(socket)
        assert (await socket.connect(SOON))[0]
        return socket

    yield opening
    for socket in opened:
        await socket.disconnect(timeout=SOON)
    await asyncio.to_thread(join_fanout)


def join_fanout() -> None:
    for thread in threading.enumerate():
        if thread.name == "live fanout":
            thread.join(SOON)
            assert not thread.is_alive()
