"""The store of a run that a worker drives: it outlives an outage of its database, and with it what steps have given
meanwhile: under the fence, a save is as good a minute later.

Steps side by side, and agents that are followed, look back from threads of their own. These end with their connections
still open, which a pool would miss for ever: so what a foreign thread opens for a look is closed after it.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import connections

from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.history import Pair
from workflows.outages import outlived
from workflows.store import Claim, RunStore

log = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")


class WorkerStore(RunStore):
    """As RunStore; made in the thread that drives the run. Outages end with whoever asks to `stop`."""

    def __init__(self, claim: Claim, stop: threading.Event) -> None:
        super().__init__(claim)
        self._home, self._stop = threading.get_ident(), stop

    def save(self, machine: Machine) -> list[Event]:
        """Write what changed."""
        return self._outlived(super().save)(machine)

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
        patient = self._outlived(look)
        if threading.get_ident() == self._home:
            return patient(*args, **kwargs)
        try:
            return patient(*args, **kwargs)
        finally:
            connections.close_all()

    def _outlived(self, do: Callable[Parameters, Found]) -> Callable[Parameters, Found]:
        return outlived(do, self._stop, self._say, self.using)

    def _say(self, error: Exception) -> None:
        log.warning("run %s waits for the database: %s", self.claim.run_id, error)
