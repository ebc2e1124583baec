"""McpSession: the connection to one Model Context Protocol server, whoever uses it, from whichever thread or loop.

A session belongs to the event loop, and even to the task, in which it was opened. All of them live in one loop in a
thread of its own, where no author's code ever runs: so it does not matter that the caller's loop is another one,
ends earlier, or is held up by blocking code that waits for this very session.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from workflows.errors import WorkflowsError

if TYPE_CHECKING:
    from mcp import Client

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# How long a session may be unused, in seconds, before it is tried whether the server is still there.
IDLE = 30.0


class ServerUnavailable(WorkflowsError):
    """The Model Context Protocol server cannot be reached, or is gone."""

    def __init__(self, server: str, error: BaseException) -> None:
        super().__init__(f"The MCP server '{server}' cannot be reached: {_root(error)}")


async def over_there(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that runs where the sessions live."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, _loop()))


def wait_for(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The same for callers that cannot await; blocks."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


class McpSession:
    """Opened when somebody needs it, and anew after the server went away, which may have happened while people
    were deciding. Only for coroutines over there."""

    def __init__(self, server: str, connect: Callable[[], "Client"], timeout: float) -> None:
        self.server, self._connect, self._timeout = server, connect, timeout
        self.idle = IDLE
        self._used_at = 0.0
        self._opening = asyncio.Lock()
        self._client: Client | None = None
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """There is a connection."""
        return self._client is not None

    async def client(self) -> "Client":
        """What speaks to the server. Raises ServerUnavailable."""
        async with self._opening:
            if self._client is not None and not await self._answers(self._client):
                await self.close()
            if self._client is None:
                self._client = await self._opened()
            self._used_at = time.monotonic()
            return self._client

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator["Client"]:
        """The client for one request; who finds the server gone closes the session, so that the next one opens it."""
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED

        client = await self.client()
        try:
            yield client
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                await self.close()
                raise ServerUnavailable(self.server, error) from error
            raise

    async def close(self) -> None:
        """End the session; a server that was started for it ends too."""
        task, self._task, self._client = self._task, None, None
        self._closing.set()
        if task is not None:
            await asyncio.wait([task])

    async def _answers(self, client: "Client") -> bool:
        if time.monotonic() - self._used_at < self.idle:
            return True
        try:
            await client.list_tools(cache_mode="bypass")
        except Exception as gone:
            logger.info("The MCP server '%s' has gone, it is connected to anew: %s", self.server, gone)
            return False
        return True

    async def _opened(self) -> "Client":
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._live(ready, self._closing))
        try:
            return await asyncio.wait_for(asyncio.shield(ready), self._timeout)
        except Exception as error:
            self._task.cancel()
            await asyncio.wait([self._task])
            raise ServerUnavailable(self.server, error) from error

    async def _live(self, ready: "asyncio.Future[Client]", closing: asyncio.Event) -> None:
        """From opening to closing, in one task, as the session wants it."""
        try:
            async with self._connect() as client:
                ready.set_result(client)
                await closing.wait()
        except Exception as error:
            if not ready.done():
                ready.set_exception(error)


def error_log() -> Any:
    """Where what a started server complains about goes: this process's own, whatever stands in for it."""
    return sys.__stderr__ or sys.stderr


def _root(error: BaseException) -> str:
    """What stands behind groups of errors, in words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="mcp-sessions", daemon=True).start()
    return loop
