"""The portal's ASGI application on a real socket, and a proxy before it that cuts connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from asgiref.sync import sync_to_async
from django.db import connections

from hitl_portal.asgi import application
from tests.hitl_portal.live.conftest import join_fanout


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """The port on which it is served."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.wait({serving}, timeout=0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    yield port
    server.should_exit = True
    await serving
    await nothing_left_open()


async def nothing_left_open() -> None:
    """End what an async test leaves behind: the fanout's thread, and the connection of the thread of its queries."""
    await asyncio.to_thread(join_fanout)
    await sync_to_async(connections.close_all)()


class CuttingProxy:
    """Hands everything on, until it is told to cut all connections that are open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.ends: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """The port on which it listens."""
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]
            self.cut()

    def cut(self) -> None:
        """As if it had no patience."""
        for end in self.ends:
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self.ends |= {writer, back}
        with suppress(ConnectionError):
            await asyncio.gather(_hand_on(reader, back), _hand_on(there, writer))


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
