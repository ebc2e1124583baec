"""Couriers: the threads that carry what waits in an outbox, so that a slow receiver holds up no sweep and no other one.

A courier carries what is due until nothing is, then ends. Of what goes down the same lane (to one receiver) at most two
are under way in a process. They are daemons: who stops the process waits for no receiver, and what was under way is due
again when its lease is over.
"""

import logging
import threading
from collections import Counter
from collections.abc import Collection, Hashable
from typing import Generic, Protocol, TypeVar

from django.db import DatabaseError, close_old_connections, connections

log = logging.getLogger(__name__)

MOST, MOST_PER_LANE = 8, 2

Load = TypeVar("Load")


class Outbox(Protocol[Load]):
    """What couriers need to know of what they carry. `full` are lanes on which enough is under way."""

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """How much is due, counted up to so many; one query."""

    def claim(self, full: Collection[Hashable]) -> Load | None:
        """The next one, for whoever called alone; None where nothing is due."""

    def lane(self, load: Load) -> Hashable:
        """What it goes down."""

    def carry(self, load: Load) -> None:
        """Send what was claimed, and record what came of it."""


class Couriers(Generic[Load]):
    """Those of one process."""

    def __init__(self, outbox: Outbox[Load]) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._busy: Counter[Hashable] = Counter()
        self._threads: set[threading.Thread] = set()

    def call(self) -> int:
        """Let as many set out as there is something for; does not wait for them. One query; how many set out."""
        with self._lock:
            free = MOST - len(self._threads)
            wanted = self._outbox.waiting(self._full(), free) if free > 0 else 0
            new = [threading.Thread(target=self._work, name="courier", daemon=True) for _ in range(wanted)]
            self._threads.update(new)
        for thread in new:
            thread.start()
        return wanted

    def wait(self, seconds: float) -> bool:
        """Wait until all are back; whether they are."""
        for thread in list(self._threads):
            thread.join(seconds)
        return not any(thread.is_alive() for thread in list(self._threads))

    def _work(self) -> None:
        try:
            while (load := self._next()) is not None:
                self._take(load)
        except DatabaseError as error:
            # It may be back at the next sweep; what was claimed is due after its lease.
            log.warning("a courier cannot reach the database: %s", error)
        finally:
            connections.close_all()
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _next(self) -> Load | None:
        close_old_connections()
        # One at a time: the count of what is under way must hold until the claim.
        with self._lock:
            load = self._outbox.claim(self._full())
            if load is not None:
                self._busy[self._outbox.lane(load)] += 1
        return load

    def _take(self, load: Load) -> None:
        try:
            self._outbox.carry(load)
        finally:
            with self._lock:
                self._busy[self._outbox.lane(load)] -= 1

    def _full(self) -> list[Hashable]:
        return [lane for lane, count in self._busy.items() if count >= MOST_PER_LANE]
