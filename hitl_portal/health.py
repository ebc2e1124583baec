"""Health: whether this web process lives, and whether it can do its work; for load balancers, so nobody signs in.

A server that was stopped, or a network that swallows what is sent, blocks whoever asks for as long as that lasts,
whatever timeouts were agreed on with it. So one thread looks, and those who ask wait for it for a while: as long as it
hangs no second one is started, so that it holds one connection at most.
"""

import threading

from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PLAIN = "text/plain; charset=utf-8"
UNAVAILABLE = 503
WITHIN = 2.0  # seconds that who asks waits for the database

_done: set[str] = set()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """It answers: restarting it would not help."""
    del request
    return HttpResponse("ok\n", content_type=PLAIN)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database is there, answers and has the tables of this version: requests may be sent here."""
    del request
    problem = _looking.problem()
    if problem:
        return HttpResponse(f"{problem}\n", content_type=PLAIN, status=UNAVAILABLE)
    return HttpResponse("ok\n", content_type=PLAIN)


class _Look(threading.Thread):
    """One look at the database. It outlives those who wait for it, but not the process."""

    def __init__(self) -> None:
        super().__init__(name="readiness", daemon=True)
        self.found = "looking at the database failed"

    def run(self) -> None:
        try:
            self.found = _problem()
        finally:
            connections.close_all()


class _Looking:
    """The look that is under way, which all who ask meanwhile share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._look: _Look | None = None

    def problem(self) -> str:
        """Why not, in words; empty where all is well."""
        with self._lock:
            if self._look is None or not self._look.is_alive():
                self._look = _Look()
                self._look.start()
            look = self._look
        look.join(WITHIN)
        return "the database does not answer" if look.is_alive() else look.found


_looking = _Looking()


def _problem() -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "" if _done or _migrated() else "the database is not migrated"
    except DatabaseError:
        return "the database cannot be reached"


def _migrated() -> bool:
    """Whether no migration is missing: the code of this process needs none later, so that it is asked until then."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _done.add(connection.alias)
    return bool(_done)
