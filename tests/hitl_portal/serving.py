"""The portal's ASGI application on a real socket, and a proxy before it that cuts connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

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
    await asyncio.to_thread(join_fanout)


class CuttingProxy:
    """Hands everything on, and cuts each connection after a moment; it counts them."""

    def __init__(self, port: int, after: float) -> None:
        self.port, self.after = port, after
        self.cuts = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """The port on which it listens."""
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        hands = {asyncio.create_task(_hand_on(reader, back)), asyncio.create_task(_hand_on(there, writer))}
        _, pending = await asyncio.wait(hands, timeout=self.after, return_when=asyncio.FIRST_COMPLETED)
        self.cuts += len(pending) == len(hands)
        for task in pending:
            task.cancel()
        for end in (writer, back):
            end.transport.abort()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
