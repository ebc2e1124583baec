"""Heartbeat: one thread prolongs the leases of all runs that this process drives; it ends when there are none.

Most runs rest before it would look at them once: they cost an entry in a dict.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

from django.db import connections

from workflows.errors import LeaseLost
from workflows.store.claims import lease

log = logging.getLogger(__name__)


class Leased(Protocol):
    """A run that this process drives."""

    def beat(self) -> None:
        """Prolong its lease. Raises LeaseLost when somebody else has it."""


@contextmanager
def kept_alive(run: Leased) -> Iterator[None]:
    """Meanwhile the run's lease is prolonged three times before it would end; afterwards nothing of that goes on."""
    heartbeat = _heartbeat(os.getpid())
    heartbeat.begin(run)
    try:
        yield
    finally:
        heartbeat.end(run)


class _Heartbeat:
    """The thread, and when which run is due. `wakes_at`: when the thread looks next; None while there is none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[Leased, float] = {}
        self._beating: Leased | None = None
        self._wakes_at: float | None = None

    def begin(self, run: Leased) -> None:
        """Prolong this run's lease too."""
        with self._changed:
            self._due[run] = due = _next_time()
            if self._wakes_at is None:
                self._wakes_at = due
                threading.Thread(target=self._work, name="heartbeat", daemon=True).start()
            elif due < self._wakes_at:
                self._changed.notify_all()

    def end(self, run: Leased) -> None:
        """No more; waits for the beat that is under way."""
        with self._changed:
            self._due.pop(run, None)
            self._changed.wait_for(lambda: self._beating is not run)

    def _work(self) -> None:
        while (run := self._next()) is not None:
            try:
                run.beat()
            except LeaseLost:
                with self._changed:
                    self._due.pop(run, None)
            except Exception:  # the other runs of this process need their beats all the same
                log.exception("a lease could not be prolonged")
            finally:
                connections.close_all()
                with self._changed:
                    self._beating = None
                    self._changed.notify_all()

    def _next(self) -> Leased | None:
        """The run that is due first, when it is; None when for the time of a beat there was none."""
        with self._changed:
            patience = _next_time()
            while True:
                run = min(self._due, key=self._due.__getitem__, default=None)
                self._wakes_at = patience if run is None else self._due[run]
                if (wait := self._wakes_at - time.monotonic()) > 0:
                    self._changed.wait(wait)
                    continue
                if run is None:
                    self._wakes_at = None
                else:
                    self._beating, self._due[run] = run, _next_time()
                return run


def _next_time() -> float:
    return time.monotonic() + lease().total_seconds() / 3


@cache
def _heartbeat(process: int) -> _Heartbeat:
    """That of a process: threads do not survive a fork."""
    del process
    return _Heartbeat()
