"""Hop: one set of database connections for a script, whoever asks for it, one at a time.

Django gives every thread connections of its own, and refuses to use any where an event loop runs. A script may call
`run` in a notebook, in an async function, or from the threads of parallel steps; its database sees one client all
the same. The connections are lent to the thread that asks. Only where a loop runs the work hops to a thread
without one, which costs more than most statements.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def hop(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """The function's result, on those connections; blocks, and may be nested."""
    shared = _shared(os.getpid())
    if _loop_runs():
        return shared.thread.submit(lambda: hop(function, *args, **kwargs)).result()
    with shared.lent():
        return function(*args, **kwargs)


class _Shared:
    """The connections, by alias."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="workflow-database")
        self._connections: dict[str, BaseDatabaseWrapper] = {}
        self._lock, self._borrower = threading.Lock(), 0

    @contextmanager
    def lent(self) -> Iterator[None]:
        """In this thread, in the place of its own."""
        if self._borrower == threading.get_ident():
            yield
            return
        with self._lock:
            own = _exchanged(self._connections)
            self._borrower = threading.get_ident()
            try:
                yield
            finally:
                self._borrower = 0
                self._connections = _exchanged(own)
                for connection in self._connections.values():
                    if not connection.allow_thread_sharing:  # opened just now
                        connection.inc_thread_sharing()


def _exchanged(given: Mapping[str, BaseDatabaseWrapper]) -> dict[str, BaseDatabaseWrapper]:
    """Put connections in the place of this thread's, and give back what was there."""
    before = {alias: connections[alias] for alias in list(connections)}
    for alias in before:
        if alias in given:
            connections[alias] = given[alias]
        else:
            del connections[alias]
    return before


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@cache
def _shared(process: int) -> _Shared:
    """Those of a process: one that was forked must not use what its parent has opened."""
    del process
    return _Shared()
