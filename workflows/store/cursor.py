"""Cursor: what all statements written by hand have: Django's cursor, and values as Django's own operations adapt them.

The ORM would build each statement anew every time, which costs several times what running it does. Through this both
databases get what the ORM would send; and as these statements are few and stay the same, each is read once: by
PostgreSQL, which keeps it prepared for a connection, and by Django, which has other signs for parameters than SQLite.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from workflows.models import Requirement
from workflows.types import RequirementKind, RunStatus, StepStatus, StepType

Row = Sequence[Any]

# What both databases take as it is.
PLAIN = {str, int, bool, type(None)}
ENUMS = (RequirementKind, RunStatus, StepStatus, StepType, Requirement.Status)


def opened(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """A cursor of Django's around one of the driver's that knows its statements; to be used in a `with`."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    with connection.wrap_database_errors:
        cursor = _driver(connection.vendor)(connection.connection)
    return (
        connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)
    )


class Cursor:
    """One of Django's cursors, and how values are written through it; to be used in a `with`."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection, self._cursor = connection, opened(connection)
        self._adapters = _adapters(connection.alias)
        self._lock = " FOR UPDATE" if connection.features.has_select_for_update else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._cursor.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Meanwhile no statement waits for the one before, where the driver can do that."""
        driver = self._connection.connection
        pipeline = driver.pipeline() if hasattr(driver, "pipeline") else nullcontext()
        with self._connection.wrap_database_errors, pipeline:
            yield

    def _fetch(self, statement: str, params: Row) -> tuple[Any, ...] | None:
        self._execute(statement, params)
        found: tuple[Any, ...] | None = self._cursor.fetchone()
        return found

    def _execute(self, statement: str, params: Row) -> None:
        adapters = self._adapters
        adapted = [
            value if (kind := type(value)) in PLAIN or kind not in adapters else adapters[kind](value)
            for value in params
        ]
        self._cursor.execute(statement, adapted)

    def _moment(self, stored: datetime) -> datetime:
        return stored if stored.tzinfo else stored.replace(tzinfo=self._connection.timezone)


@cache
def _driver(vendor: str) -> Any:
    """Imported when it is needed: a driver takes some megabytes."""
    if vendor == "postgresql":
        from workflows.store.postgres_cursor import PostgresCursor

        return PostgresCursor
    from workflows.store.sqlite_cursor import SqliteCursor

    return SqliteCursor


@cache
def _adapters(using: str) -> dict[type, Callable[[Any], Any]]:
    """By type, how Django writes a value for this database."""
    connection = connections[using].copy()  # one that is never opened: what is kept here outlives threads
    operations = connection.ops
    nothing = operations.adapt_json_value({}, None)
    return {
        UUID: (lambda key: key) if connection.features.has_native_uuid_field else attrgetter("hex"),
        # The rows of a transaction tell of one moment.
        datetime: lru_cache(8)(operations.adapt_datetimefield_value),
        dict: lambda data: operations.adapt_json_value(data, None) if data else nothing,
        **dict.fromkeys(ENUMS, str),
    }
