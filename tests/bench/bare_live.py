"""Bare live: an ASGI application that hands each notification of PostgreSQL to every websocket, and does no more."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

CHANNEL = "bench_bare"

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_waiting: set[asyncio.Queue[str]] = set()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One websocket."""
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 404})
        return await send({"type": "http.response.body"})
    if not _waiting:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_listen, args=(loop,), daemon=True).start()
    queue: asyncio.Queue[str] = asyncio.Queue()
    _waiting.add(queue)
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": await queue.get()})


def _listen(loop: asyncio.AbstractEventLoop) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        for said in connection.notifies():
            loop.call_soon_threadsafe(_tell, said.payload)


def _tell(text: str) -> None:
    for queue in _waiting:
        queue.put_nowait(text)
