"""Clients: what speaks HTTP to providers, one for each event loop.

A connection belongs to the loop that opened it, so every loop has a client of its own, and models made with it. The
client is held open by an async generator: a loop that is shut down in order (asyncio.run does it) closes its async
generators, and so the client, while it can still do so.
"""

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache, partial
from typing import NamedTuple

from httpx2 import Timeout
from pydantic_ai.models import Model, create_async_httpx2_client

from workflows.agents.models.endpoint import Endpoint
from workflows.agents.models.making import made

Models = Callable[[Endpoint], Model]

MODELS = 64  # kept for each loop; those that were used last
# Seconds without a word before a call is given up; and to connect, which many calls may begin to do at once.
SILENCE, CONNECT = 600.0, 30.0


class _Open(NamedTuple):
    models: Models
    lifetime: AsyncGenerator[Models, None]


_by_loop: dict[AbstractEventLoop, _Open] = {}


async def model(endpoint: Endpoint) -> Model:
    """The running loop's model for the endpoint. Does not give way to other tasks, so it is made once."""
    loop = get_running_loop()
    if loop not in _by_loop:
        for gone in [each for each in open_in() if each.is_closed()]:
            _by_loop.pop(gone, None)
        lifetime = _lifetime(loop)
        _by_loop[loop] = _Open(await anext(lifetime), lifetime)
    return _by_loop[loop].models(endpoint)


def open_in() -> list[AbstractEventLoop]:
    """The loops that have a client."""
    return list(_by_loop)


async def _lifetime(loop: AbstractEventLoop) -> AsyncGenerator[Models, None]:
    client = create_async_httpx2_client(timeout=Timeout(SILENCE, connect=CONNECT))
    try:
        yield lru_cache(MODELS)(partial(made, client))
    finally:
        _by_loop.pop(loop, None)
        await client.aclose()
