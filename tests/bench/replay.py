"""Replay: what the product writes of a run, sent by hand: the same rows into the same tables by the least statements.

Those that read are left out. On SQLite into a copy of the file, so that neither has the other's pages to read again.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.bench.recorded import Statement, Together, noted, recorded
from workflows.db import Db
from workflows.hop import hop


class Raw(Protocol):
    """A bare connection."""

    def send(self, one: Together) -> None:
        """Send statements that belong together."""


class Replay:
    """What one piece of work writes, again and again; `prepare` makes its statements with fresh ids."""

    def __init__(self, db: Db, work: Callable[[], object], raw: Raw) -> None:
        from django.db import connections

        connection = hop(lambda: connections[db.runs.using])  # type: ignore[attr-defined]
        self._recorded, self._raw = recorded([_writing(noted(connection, work)) for _ in range(2)]), raw
        self.commits = len(self._recorded.sent)
        self.prepare()

    def prepare(self) -> None:
        """The statements of the next one."""
        self._following = list(self._recorded.again())

    def run(self) -> None:
        """Send them."""
        for one in self._following:
            self._raw.send(one)


class RawSqlite:
    """`sqlite3`, on a copy of a file."""

    def __init__(self, file: Path, synchronous: str) -> None:
        self._connection = sqlite3.connect(file.with_suffix(".copy"), isolation_level=None)
        with closing(sqlite3.connect(file)) as original:
            original.backup(self._connection)
        self._connection.executescript(
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON"
        )

    def send(self, one: Together) -> None:
        """A transaction each."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        for sql, params in one.statements:
            execute(_with_marks(sql), params).fetchall()
        execute("COMMIT")


class RawPostgres:
    """`psycopg`, on the same database; the server has every statement prepared."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def send(self, one: Together) -> None:
        """A transaction each; where it has several statements, none waits for the one before."""
        connection = self._connection
        if len(one.statements) == 1:
            self._execute(*one.statements[0])
            return
        with connection.pipeline(), connection.transaction():
            for statement in one.statements:
                self._execute(*statement)

    def _execute(self, sql: str, params: Sequence[Any]) -> None:
        self._connection.execute(sql.encode(), params, prepare=True)


def _writing(sent: Iterable[Together]) -> list[Together]:
    kept = [
        Together(is_atomic=one.is_atomic, statements=[some for some in one.statements if not _reads(some)])
        for one in sent
    ]
    return [one for one in kept if one.statements]


def _reads(statement: Statement) -> bool:
    return statement[0].lstrip("( ").startswith("SELECT")


@cache
def _with_marks(sql: str) -> str:
    """The statement with SQLite's own signs for parameters."""
    return sql.replace("%s", "?").replace("%%", "%")
