"""Load: runs are posted at an even pace, and reviewers decide whatever waits; both try again what was not answered."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections

from tests.trials.site import FLOWS, Site

PATIENCE = 60.0
EVERY = 0.1
REVIEWERS = 2


class Load:
    """`every` so many seconds a run, and of them no more than `most`."""

    def __init__(self, site: Site, *, every: float = EVERY, most: int = 1_000_000) -> None:
        self._site, self._every, self._most = site, every, most
        self.posted = dict[int, UUID]()
        self._over, self._settled = threading.Event(), threading.Event()
        self.posting = threading.Thread(target=self._post)
        self._deciding = [threading.Thread(target=self._decide, args=(each,)) for each in range(REVIEWERS)]

    @contextmanager
    def on(self) -> Iterator[None]:
        """Meanwhile; until what was posted has ended, or far too long."""
        for thread in (self.posting, *self._deciding):
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            self.posting.join()
            self._settle()
            self._settled.set()
            for thread in self._deciding:
                thread.join()

    def left(self) -> int:
        """How many runs have not ended; a database that is away does not say."""
        from workflows.models import WorkflowRun

        try:
            return WorkflowRun.objects.filter(finished_at=None).count()
        except DatabaseError:
            connections.close_all()
            return len(self.posted)

    def _post(self) -> None:
        began = time.monotonic()
        for number in range(self._most):
            if self._over.wait(began + number * self._every - time.monotonic()):
                break
            self.posted[number] = self._site.machine.post(number, FLOWS[number % len(FLOWS)])

    def _decide(self, reviewer: int) -> None:
        while not self._settled.wait(EVERY):
            for requirement in _asked():
                if requirement.id.int % REVIEWERS == reviewer:
                    self._site.machine.decide(requirement)
        connections.close_all()

    def _settle(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.left() and time.monotonic() < deadline:
            time.sleep(EVERY)


def _asked() -> list[Any]:
    from workflows.models import Requirement

    try:
        waiting = Requirement.objects.filter(status=Requirement.Status.OPEN)
        return list(waiting.exclude(run__workflow__name=FLOWS[2], kind="confirmation")[:20])
    except DatabaseError:
        connections.close_all()
        return []
