"""The portal's ASGI application on a real socket, and the library's own client that comes in by its door."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from django.conf import settings
from httpx2 import AsyncClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.hitl_portal.serving import served
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

Enter = Callable[..., AbstractAsyncContextManager[Client]]
Use = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
async def door() -> AsyncIterator[str]:
    """Give the address of the tools."""
    async with served() as port:
        yield f"http://localhost:{port}{settings.PUBLIC.path}/mcp"


@pytest.fixture
def enter(door: str) -> Enter:
    """Come in with a token, speaking the newest protocol, or that of before with `mode="legacy"`."""

    @asynccontextmanager
    async def entering(token: str, mode: str = "auto") -> AsyncIterator[Client]:
        async with (
            AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http,
            Client(streamable_http_client(door, http_client=http), mode=mode) as client,
        ):
            yield client

    return entering


@pytest.fixture
def use(enter: Enter) -> Use:
    """Use one tool with a token: what it gives, or its error."""

    async def using(token: str, tool: str, **arguments: Any) -> Any:
        async with enter(token) as client:
            return await client.call_tool(tool, arguments)

    return using


def answer(person: Any, action: str = "approve", **said: Any) -> None:
    """Decide what waits, as a person does in the portal."""
    row = Requirement.objects.get()
    resolve(
        row.pk, revision=1, answer=Answer(action=Action(action), **said), actor=Actor.of(person, "portal")
    )
