"""Hop: one thread in which a script's database work happens, whoever asks for it.

Django's connections belong to threads and refuse to be used where an event loop runs. A script may call `run` in
a notebook, in an async function, or from the threads of parallel steps; its database sees one thread all the same.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

NAME = "workflow-database"


def hop(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """The function's result, from that thread; blocks, and may be nested."""
    if threading.current_thread().name.startswith(NAME):
        return function(*args, **kwargs)
    return _thread().submit(function, *args, **kwargs).result()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=NAME)
