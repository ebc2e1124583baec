"""One long-lived event loop in a thread of its own, for async functions that are called from blocking code.

Objects that are bound to the loop they were first used in (HTTP clients, model objects) keep working from run to
run, which a new loop for every call would not give them.
"""

import asyncio
import threading
from collections.abc import Awaitable
from functools import cache
from typing import Any

THREAD = "async-steps"


def run_coroutine(awaitable: Awaitable[Any]) -> Any:
    """The awaitable's result; blocks the calling thread. RuntimeError in the loop's own: it would wait for itself."""
    if threading.current_thread().name == THREAD:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()
        raise RuntimeError("an async step waits for another async step in blocking code; await it instead")
    return asyncio.run_coroutine_threadsafe(_awaited(awaitable), _loop()).result()


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=THREAD, daemon=True).start()
    return loop
