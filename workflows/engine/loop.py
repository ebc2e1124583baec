"""One long-lived event loop in a thread of its own, for async functions that are called from blocking code.

Objects that are bound to the loop they were first used in (HTTP clients, model objects) keep working from run to
run, which a new loop for every call would not give them.
"""

import asyncio
import threading
from collections.abc import Awaitable
from functools import cache
from typing import Any


def run_coroutine(awaitable: Awaitable[Any]) -> Any:
    """The awaitable's result; blocks the calling thread. Not to be called from the loop's own thread."""
    return asyncio.run_coroutine_threadsafe(_awaited(awaitable), _loop()).result()


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="async-steps", daemon=True).start()
    return loop
