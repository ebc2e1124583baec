"""Triggers that hold events and decisions append-only, and on PostgreSQL tell listeners of every new event.

Made by migrations. A migration that alters one of the two tables on SQLite builds the table anew, without its
triggers, and must call `install` again: a test notices where it does not.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.bus import CHANNEL

EVENTS = "workflows_runevent"
# By table, how a row that is there already is recognised in one that is written.
KEYS = {EVENTS: "id = NEW.id OR sequence = NEW.sequence", "workflows_decision": "id = NEW.id"}
TABLES = tuple(KEYS)
REFUSE, NOTIFY = "workflows_append_only", "workflows_notify"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, replacing those that are there."""
    remove(connection)
    _execute(connection, _sqlite_triggers() if connection.vendor == "sqlite" else _postgres_triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: only for undoing the migration, and for emptying the tables between tests."""
    _execute(connection, _sqlite_removal() if connection.vendor == "sqlite" else _postgres_removal())


def _sqlite_triggers() -> list[str]:
    # INSERT OR REPLACE deletes the old row without telling the trigger for deleting.
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {change} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, key in KEYS.items()
        for name, change in (
            ("update", f"UPDATE ON {table}"),
            ("delete", f"DELETE ON {table}"),
            ("replace", f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key})"),
        )
    ]


def _sqlite_removal() -> list[str]:
    changes = ("update", "delete", "replace")
    return [f"DROP TRIGGER IF EXISTS {table}_no_{change}" for table in TABLES for change in changes]


def _postgres_triggers() -> list[str]:
    refusals = [
        f"CREATE TRIGGER append_only_{level.lower()} BEFORE {change} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION {REFUSE}()"
        for table in TABLES
        for level, change in (("ROW", "UPDATE OR DELETE"), ("STATEMENT", "TRUNCATE"))
    ]
    raise_error = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'"
    tell = f"PERFORM pg_notify('{CHANNEL}', NEW.sequence::text); RETURN NULL"
    return [
        f"CREATE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raise_error}; END $$",
        f"CREATE FUNCTION {NOTIFY}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {tell}; END $$",
        *refusals,
        f"CREATE TRIGGER notify AFTER INSERT ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION {NOTIFY}()",
    ]


def _postgres_removal() -> list[str]:
    # The triggers go with their functions.
    return [f"DROP FUNCTION IF EXISTS {function}() CASCADE" for function in (REFUSE, NOTIFY)]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
