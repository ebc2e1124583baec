"""One long-lived event loop in a thread of its own, for async functions that are called from blocking code.

Objects that are bound to the loop they were first used in (HTTP clients, model objects) keep working from run to
run, which a new loop for every call would not give them. An async function that calls blocking code which needs a
loop again (it runs another workflow) holds this one up: what is inside it gets a loop of its own.
"""

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from contextvars import ContextVar, copy_context
from functools import cache
from typing import Any

# Threads that are started with a copy of the context inherit it, wherever they are started.
_inside: ContextVar[bool] = ContextVar("inside the shared loop", default=False)


def run_coroutine(awaitable: Awaitable[Any]) -> Any:
    """The awaitable's result; blocks the calling thread."""
    if _inside.get():
        return _in_a_loop_of_its_own(awaitable)
    return asyncio.run_coroutine_threadsafe(_awaited(awaitable), _loop()).result()


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    _inside.set(True)  # in this task alone
    return await awaitable


def _in_a_loop_of_its_own(awaitable: Awaitable[Any]) -> Any:
    result: Future[Any] = Future()

    def run() -> None:
        try:
            result.set_result(asyncio.run(_awaited(awaitable)))
        except BaseException as error:  # whatever it is, it belongs to whoever waits
            result.set_exception(error)

    threading.Thread(target=copy_context().run, args=(run,), name="async-step").start()
    return result.result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="async-steps", daemon=True).start()
    return loop
