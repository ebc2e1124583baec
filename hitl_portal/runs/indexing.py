"""The index by which runs are found by the words of their summary, kept by the database, whoever writes.

PostgreSQL indexes the column itself; SQLite has FTS5, over a small table that triggers keep. All of it is derived:
where it is missing after a migration it is made, and what was missed is written.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.models import WorkflowRun

RUNS = "workflows_workflowrun"
TABLE, INDEX = "run_words", "run_search"
# Letters and numbers only, so that both databases see the same words.
VECTOR = r"to_tsvector('simple'::regconfig, regexp_replace(summary, '[!-/:-@\[-`{-~]+', ' ', 'g'))"
MISSED = (
    f"INSERT INTO {TABLE} (run_id, text) SELECT id, summary FROM {RUNS} "
    f"WHERE NOT EXISTS (SELECT 1 FROM {TABLE} WHERE run_id = {RUNS}.id)"
)
TRIGGERS = frozenset(f"{INDEX}_{name}" for name in ("queued", "renamed", "deleted"))


def stand_aside(using: str, **_: Any) -> None:
    """Before a migration: take the triggers of SQLite away, which refuses to build a table anew that they name."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def keep_installed(using: str, **_: Any) -> None:
    """After a migration: make what is missing, and write what was missed meanwhile."""
    connection = connections[using]
    if WorkflowRun._meta.db_table in connection.introspection.table_names():
        install(connection)


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index where it is missing, and write the words of what has none."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for statement in _sqlite() if is_sqlite else [_postgres()]:
            cursor.execute(statement)
        if is_sqlite and cursor.execute(MISSED).rowcount:
            cursor.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")


def _postgres() -> str:
    return f"CREATE INDEX IF NOT EXISTS {INDEX} ON {RUNS} USING gin ({VECTOR})"


def _sqlite() -> list[str]:
    options = (
        f"text, content='{TABLE}', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'"
    )
    columns = "id INTEGER PRIMARY KEY, run_id char(32) NOT NULL UNIQUE, text text NOT NULL"
    add = (
        f"INSERT INTO {TABLE} (run_id, text) VALUES (NEW.id, NEW.summary); "
        f"INSERT INTO {INDEX} (rowid, text) SELECT id, text FROM {TABLE} WHERE run_id = NEW.id"
    )
    forget = (
        f"INSERT INTO {INDEX} ({INDEX}, rowid, text) SELECT 'delete', id, text FROM {TABLE} WHERE run_id = OLD.id; "
        f"DELETE FROM {TABLE} WHERE run_id = OLD.id"
    )
    moments = {
        "queued": ("AFTER INSERT", add),
        "renamed": ("AFTER UPDATE OF summary", f"{forget}; {add}"),
        "deleted": ("AFTER DELETE", forget),
    }
    statements = [
        f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})",
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5({options})",
    ]
    for name, (moment, action) in moments.items():
        statements.append(f"DROP TRIGGER IF EXISTS {INDEX}_{name}")
        statements.append(
            f"CREATE TRIGGER {INDEX}_{name} {moment} ON {RUNS} FOR EACH ROW BEGIN {action}; END"
        )
    return statements
