"""Emptying the tables after a test that commits: what Django does for that, without what nothing here needs.

Django's `flush` makes all content types and permissions anew after each such test, which takes thirty times as long as
emptying the tables; here they stay. Tables that are append-only let it happen, and only then.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.color import no_style
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows import append_only

KEPT = {"django_content_type", "auth_permission"}


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete all rows, but for those that are made with the tables."""
    there = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [table for table in there if table not in KEPT]
    with _unguarded(connection):
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))


@contextmanager
def _unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    away, back = (_of_sqlite if connection.vendor == "sqlite" else _of_postgres)(connection)
    _execute(connection, away)
    yield
    _execute(connection, back)


def _of_sqlite(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    """What takes the triggers away, and what makes them again as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = [(name, sql) for name, table, sql in cursor.fetchall() if table in append_only.TABLES]
    return [f"DROP TRIGGER {name}" for name, _sql in guards], [sql for _name, sql in guards]


def _of_postgres(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    """What switches the triggers off, and on again."""
    del connection
    alter = [f"ALTER TABLE {table}" for table in append_only.TABLES]
    return [f"{each} DISABLE TRIGGER USER" for each in alter], [
        f"{each} ENABLE TRIGGER USER" for each in alter
    ]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
