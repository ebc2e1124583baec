"""Outages: a database that is away for a while: restarted, or with a disk that is full."""

import threading
import time
from collections.abc import Callable
from itertools import chain, repeat
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# What is raised while it is away, and by connections that were open when it went.
AWAY = (InterfaceError, OperationalError)

# Seconds between two tries. Whoever has something to write comes more often than those who look for work (`REST`).
PAUSES = (0.05, 0.1, 0.2, 0.4)
REST = 1.0
# Seconds after which it is said again that the database is away.
AGAIN = 30.0


def outlived(
    do: Callable[Parameters, Result],
    stop: threading.Event,
    say: Callable[[Exception], object],
    using: str = DEFAULT_DB_ALIAS,
) -> Callable[Parameters, Result]:
    """The function, which is called again for as long as its database is away and nobody asks to stop; meanwhile `say`
    is told why, from time to time. Within a transaction only whoever has begun that can begin anew."""

    def done(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        said_at = float("-inf")
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                return do(*args, **kwargs)
            except AWAY as error:
                if connections[using].in_atomic_block:
                    raise
                if time.monotonic() - said_at >= AGAIN:
                    say(error)
                    said_at = time.monotonic()
                connections[using].close()
                if stop.wait(pause):
                    raise
        raise AssertionError("repeat() does not end")

    return done
