"""Worker: claims due runs and drives them, several side by side, until it is told to stop.

The runs table is the queue. The worker sleeps until something was committed somewhere (`bus.watch`) or until the
next run is due by its time, whichever comes first. Where a broker wakes workers instead, they take `turn`s.
"""

import logging
import os
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from django.db import close_old_connections, connections
from django.utils import timezone

from workflows import bus, registry, store
from workflows.logs import about
from workflows.nudging import Crew, nudge
from workflows.outages import AWAY, REST
from workflows.runner import advance
from workflows.timekeeping import KEEPER

log = logging.getLogger(__name__)

# The longest sleep: what a lost wake-up costs at most.
SWEEP = 5.0


def own_name() -> str:
    """What this process is called among workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def turn(stop: threading.Event) -> bool:
    """What a broker's worker does for a nudge: drive the run that is next; False when there is none.

    Which run that is, the table says and not the nudge; and where more is due, the next turn is asked for, so that
    what a nudge was lost of goes on as long as any comes.
    """
    close_old_connections()
    workflows = registry.known()
    try:
        claimed = None
        if not stop.is_set() and KEEPER.is_right():
            claimed = store.claim(own_name(), workflows)
        if claimed is None:
            return False
        with about(run=claimed.run_id):
            advance(claimed, workflows, stop)
        due = store.next_due(workflows)
        if due is not None and due <= timezone.now():
            nudge(claimed.run_id)
        return True
    finally:
        connections.close_all()


class Worker:
    """One process that drives runs of the workflows it knows, at most `concurrency` at a time."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self._stop = threading.Event()
        self._watch = bus.watch()
        self._slots = threading.BoundedSemaphore(crew.concurrency)

    def run(self) -> None:
        """Work until `stop`; then let the calls in flight come back, and let go of their runs."""
        with ThreadPoolExecutor(self.crew.concurrency, thread_name_prefix="run") as pool:
            while not self._stop.is_set():
                try:
                    if not self._take_one(pool) and not self._stop.is_set():
                        self._watch.wait(self._patience())
                except AWAY as error:
                    log.warning("no run can be claimed: %s", error)
                    connections.close_all()
                    self._stop.wait(REST)
        self._watch.close()

    def stop(self) -> None:
        """Ask it to stop; may be called from a signal handler."""
        self._stop.set()
        self._watch.close()

    def _take_one(self, pool: ThreadPoolExecutor) -> bool:
        """Start on the next due run, once there is a free slot; False when nothing is due, or may be taken."""
        self._slots.acquire()
        claimed = None
        try:
            close_old_connections()
            if KEEPER.is_right():
                claimed = store.claim(self.crew.name, self.crew.workflows)
        finally:
            if claimed is None:
                self._slots.release()
        if claimed is None:
            return False
        pool.submit(self._advance, claimed).add_done_callback(partial(self._done, claimed))
        return True

    def _advance(self, claimed: store.Claim) -> None:
        close_old_connections()
        try:
            with about(run=claimed.run_id):
                advance(claimed, self.crew.workflows, self._stop)
        finally:
            connections.close_all()

    def _done(self, claimed: store.Claim, future: Future[None]) -> None:
        self._slots.release()
        error = future.exception()
        if error is not None:  # the lease runs out, and the run is taken up again then
            with about(run=claimed.run_id):
                log.error("advancing a run failed", exc_info=error)

    def _patience(self) -> float:
        """Seconds to sleep when nothing wakes it."""
        due = store.next_due(self.crew.workflows) if KEEPER.is_right() else None
        seconds = (due - timezone.now()).total_seconds() if due else SWEEP
        return min(max(seconds, 0.0), SWEEP)
