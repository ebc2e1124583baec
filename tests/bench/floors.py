"""Floors: a run kept with the least statements through raw `sqlite3` and `psycopg`.

The same commits as the product's and as many rows, in tables that nobody could ask for more: no foreign keys, no
index but the primary key, no trigger, no digest. On PostgreSQL a commit is one statement.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg

TABLES = """
CREATE TABLE run (id TEXT PRIMARY KEY, status TEXT, wake_at TEXT, data TEXT);
CREATE TABLE record (run TEXT, path TEXT, status TEXT, cursor INT, memo TEXT, PRIMARY KEY (run, path));
CREATE TABLE value (id TEXT PRIMARY KEY, run TEXT, path TEXT, slot TEXT, data TEXT);
CREATE TABLE event (sequence INTEGER PRIMARY KEY {counted}, run TEXT, type TEXT, path TEXT, data TEXT, at TEXT);
CREATE TABLE requirement (id TEXT PRIMARY KEY, run TEXT, path TEXT, status TEXT, details TEXT);
CREATE TABLE decision (id TEXT PRIMARY KEY, requirement TEXT, action TEXT, answer TEXT, at TEXT);
"""
RECORDED = (
    " ON CONFLICT (run, path) DO UPDATE SET "
    "status = excluded.status, cursor = excluded.cursor, memo = excluded.memo"
)
ASKED = " ON CONFLICT (id) DO UPDATE SET status = excluded.status"
COLUMNS = {
    "record": ("run, path, status, cursor, memo", RECORDED),
    "value": ("id, run, path, slot, data", ""),
    "requirement": ("id, run, path, status, details", ASKED),
    "decision": ("id, requirement, action, answer, at", ""),
    "event": ("run, type, path, data, at", ""),
}
NEW = "INSERT INTO run (id, status, wake_at, data) VALUES (?, ?, '', '{}')"
HAS = "UPDATE run SET status = ?, wake_at = '' WHERE id = ?"

Rows = Mapping[str, Sequence[Sequence[object]]]


class Floor(Protocol):
    """The rows of a run, written by hand."""

    def commit(self, run: str, status: str, rows: Rows, *, new: bool = False) -> None:
        """Write where the run stands, and rows by table, as one transaction."""

    def read(self, run: str) -> None:
        """What somebody needs who takes the run up: itself, its frontier, its input, its question."""


def insert(table: str, rows: int) -> str:
    """The statement for so many rows."""
    columns, conflict = COLUMNS[table]
    row = f"({', '.join('?' * len(columns.split(', ')))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * rows)}{conflict}"


class SqliteFloor:
    """In a file, through `sqlite3`."""

    def __init__(self, file: Path, synchronous: str = "NORMAL") -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};")
        self._connection.executescript(TABLES.format(counted="AUTOINCREMENT"))

    def commit(self, run: str, status: str, rows: Rows, *, new: bool = False) -> None:
        """A statement for the run, and one for each table."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        execute(NEW if new else HAS, (run, status) if new else (status, run))
        for table, given in rows.items():
            execute(insert(table, len(given)), [value for row in given for value in row])
        execute("COMMIT")

    def read(self, run: str) -> None:
        """One statement each."""
        for table in ("run WHERE id", "record WHERE run", "value WHERE run", "requirement WHERE run"):
            self._connection.execute(f"SELECT * FROM {table} = ?", (run,)).fetchall()


class PostgresFloor:
    """On a server, through `psycopg`: one statement for each commit, which the server has prepared."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        connection.execute(TABLES.format(counted="GENERATED ALWAYS AS IDENTITY").encode())

    def commit(self, run: str, status: str, rows: Rows, *, new: bool = False) -> None:
        """One common table expression."""
        parts = [NEW if new else HAS, *(insert(table, len(given)) for table, given in rows.items())]
        named = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(parts))
        values = [value for given in rows.values() for row in given for value in row]
        own = [run, status] if new else [status, run]
        self._send(f"WITH {named} SELECT 1", [*own, *values])

    def read(self, run: str) -> None:
        """One statement each."""
        for table in ("run WHERE id", "record WHERE run", "value WHERE run", "requirement WHERE run"):
            self._send(f"SELECT * FROM {table} = ?", [run])

    def written(self) -> int:
        """How many bytes of write-ahead log the server has written."""
        found = self._connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        assert found is not None
        return int(found[0])

    def _send(self, statement: str, values: Sequence[object]) -> None:
        self._connection.execute(statement.replace("?", "%s").encode(), values, prepare=True).fetchall()


def new_run() -> str:
    """The id of a run."""
    return uuid4().hex
