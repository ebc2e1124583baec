"""Replay: what a run sends to its SQLite file, sent by hand to a copy of that: the database's share of the price."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from workflows import Workflow
from workflows.db import Db
from workflows.hop import hop
from workflows.ids import new_id

Statement = tuple[str, tuple[object, ...]]

# As SQLite has them, and with the dashes that an id has outside.
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Replay:
    """The statements of one run, again and again, each time with fresh ids; `prepare` makes those."""

    def __init__(self, db: Db, workflow: Workflow) -> None:
        first, self.sent = _sent(db, workflow), _sent(db, workflow)
        # What two runs have in common is no run's own.
        self.lasting = {given: given for given in _ids(first) & _ids(self.sent)}
        file = Path(db.url.removeprefix("sqlite:///"))
        self.connection = sqlite3.connect(file.with_suffix(".copy"), isolation_level=None)
        with closing(sqlite3.connect(file)) as original:
            original.backup(self.connection)
        self.connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON"
        )
        self.prepare()

    def prepare(self) -> None:
        """The statements of the next run."""
        ids: dict[object, str] = dict(self.lasting.items())
        for given in sorted(
            _ids(self.sent) - self.lasting.keys()
        ):  # they sort by time, and so do the new ones
            bare = given.replace("-", "")
            fresh = ids.setdefault(bare, new_id().hex)
            ids[given] = fresh if given == bare else f"{fresh}-again"
        self.following = [
            (sql, tuple(ids.get(given, given) for given in params)) for sql, params in self.sent
        ]

    def run(self) -> None:
        """Send them."""
        for sql, params in self.following:
            self.connection.execute(sql, params).fetchall()


def _ids(sent: list[Statement]) -> set[str]:
    return {given for _, params in sent for given in params if isinstance(given, str) and ID.fullmatch(given)}


def _sent(db: Db, workflow: Workflow) -> list[Statement]:
    """The statements of one run; a transaction is taken to end where the next one begins."""
    from django.db import connections

    sent: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("BEGIN") and sent:
            sent.append(("COMMIT", ()))
        sent.append((sql.replace("%s", "?").replace("%%", "%"), tuple(params or ())))
        return execute(sql, params, many, context)

    connection = hop(lambda: connections[db.runs.using])  # type: ignore[attr-defined]
    with connection.execute_wrapper(note):
        workflow.run("x")
    return [*sent, ("COMMIT", ())]
