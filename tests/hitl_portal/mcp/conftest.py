"""The portal's ASGI application on a real socket, and the library's own client that comes in by its door."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from httpx2 import AsyncClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from hitl_portal.asgi import application
from tests.hitl_portal.live.conftest import join_fanout
from workflows.models import Requirement
from workflows.services import Actor, resolve
from workflows.types import Action, Answer

Enter = Callable[..., AbstractAsyncContextManager[Client]]
Use = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
async def door() -> AsyncIterator[str]:
    """Give the address of the tools."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.wait({serving}, timeout=0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://localhost:{port}{settings.PUBLIC.path}/mcp"
    server.should_exit = True
    await serving
    await asyncio.to_thread(join_fanout)


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
