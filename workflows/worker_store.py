"""The store of a run that a worker drives.

Steps side by side, and agents that are followed, look back from threads of their own. These end with their connections
still open, which a pool would miss for ever: so what a foreign thread opens for a look is closed after it.
"""

import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import connections

from workflows.history import Pair
from workflows.store import Claim, RunStore

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")


class WorkerStore(RunStore):
    """As RunStore; made in the thread that drives the run."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim)
        self._home = threading.get_ident()

    def record(self, path: str) -> Any:
        """The record at a path."""
        return self._look(super().record, path)

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot."""
        return self._look(super().value, path, slot)

    def inside(self, path: str) -> Any:
        """All records and values at a path and below it."""
        return self._look(super().inside, path)

    def history(self, count: int) -> list[Pair]:
        """Input and content of earlier runs."""
        return self._look(super().history, count)

    def _look(
        self, look: Callable[Parameters, Found], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Found:
        if threading.get_ident() == self._home:
            return look(*args, **kwargs)
        try:
            return look(*args, **kwargs)
        finally:
            connections.close_all()
