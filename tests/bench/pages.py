"""Pages: the websockets of open pages, and when each of them was told what."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

AT_ONCE = 50
OPENING = 60.0


class Page:
    """One open page. `last` is the highest number that it was told; `told` when it was told of a requirement."""

    def __init__(self) -> None:
        self.last = 0
        self.told: dict[str, float] = {}

    async def listen(self, connection: ClientConnection) -> None:
        """Until the connection ends."""
        async for text in connection:
            now, messages = perf_counter(), json.loads(text)
            self.last = max(self.last, *(message["sequence"] for message in messages))
            for message in messages:
                if key := message.get("requirement"):
                    self.told.setdefault(key, now)


@asynccontextmanager
async def opened(port: int, cookies: list[str], path: str = "/ws/live/") -> AsyncIterator[list[Page]]:
    """So many pages as there are cookies."""
    gate, tasks, connections = asyncio.Semaphore(AT_ONCE), [], []

    async def open_one(cookie: str) -> ClientConnection:
        headers = {"Cookie": cookie, "Origin": "http://localhost:8000"}
        async with gate:
            address = f"ws://127.0.0.1:{port}{path}"
            options: dict[str, Any] = {"open_timeout": OPENING, "compression": None, "ping_interval": None}
            return await connect(address, additional_headers=headers, **options)

    try:
        connections = await asyncio.gather(*map(open_one, cookies))
        pages = [Page() for _ in connections]
        tasks = [
            asyncio.create_task(page.listen(each)) for page, each in zip(pages, connections, strict=True)
        ]
        yield pages
    finally:
        for task in tasks:
            task.cancel()
        for connection in connections:
            connection.transport.abort()
