"""Health: whether this web process lives, and whether it can do its work; for load balancers, so nobody signs in."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PLAIN = "text/plain; charset=utf-8"
UNAVAILABLE = 503

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
    """The database is there and has the tables of this version: requests may be sent here."""
    del request
    problem = _problem()
    if problem:
        return HttpResponse(f"{problem}\n", content_type=PLAIN, status=UNAVAILABLE)
    return HttpResponse("ok\n", content_type=PLAIN)


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
