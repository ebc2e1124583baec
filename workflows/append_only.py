"""Triggers that hold events, decisions and checkpoints append-only; on PostgreSQL they tell of every new event, too.

Made by migrations. A migration that alters one of these tables on SQLite builds the table anew, without its triggers,
and must call `install` again, as one that adds such a table does: a test notices where it does not. One change is let
through: that the words of a decision are erased, and nothing else of it (decision 18).
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.bus import CHANNEL

EVENTS, DECISIONS = "workflows_runevent", "workflows_decision"
# By table, how a row that is there already is recognised in one that is written.
KEYS = {
    EVENTS: "id = NEW.id OR sequence = NEW.sequence",
    DECISIONS: "id = NEW.id",
    "workflows_checkpoint": "number = NEW.number",
    "workflows_sealedhead": "id = NEW.id",
}
TABLES = tuple(KEYS)
# What of a decision can be erased, and what stands there then: of the answer, only which one it was.
WORDS = {"feedback": "''", "salt": "''"}
ANSWER = {
    "sqlite": "'{\"action\": \"' || OLD.action || '\"}'",
    "postgresql": "jsonb_build_object('action', OLD.action)",
}
SAME = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}
REFUSE, NOTIFY = "workflows_append_only", "workflows_notify"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers of the tables that are there (yet), replacing those that have some."""
    remove(connection)
    make = _sqlite_triggers if connection.vendor == "sqlite" else _postgres_triggers
    _execute(connection, make(_columns(connection)))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for changing or undoing migrations, and for emptying the tables between tests."""
    _execute(connection, _sqlite_removal() if connection.vendor == "sqlite" else _postgres_removal())


def _columns(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The columns of each table that is there."""
    describe = connection.introspection.get_table_description
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        return {
            table: [column.name for column in describe(cursor, table)] for table in TABLES if table in there
        }


def _refused(table: str, columns: list[str], vendor: str) -> str:
    """Which updates are refused: all, but for erasing a decision's words."""
    words = WORDS | {"answer": ANSWER[vendor]}
    if table != DECISIONS or not words.keys() <= set(columns):
        return "TRUE"
    kept = [f'NEW."{column}" {SAME[vendor]} OLD."{column}"' for column in columns if column not in words]
    erased = [f'NEW."{column}" = {left}' for column, left in words.items()]
    return f"NOT ({' AND '.join(kept + erased)})"


def _sqlite_triggers(tables: dict[str, list[str]]) -> list[str]:
    # INSERT OR REPLACE deletes the old row without telling the trigger for deleting.
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {change} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, columns in tables.items()
        for name, change in (
            ("update", f"UPDATE ON {table} WHEN {_refused(table, columns, 'sqlite')}"),
            ("delete", f"DELETE ON {table}"),
            ("replace", f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {KEYS[table]})"),
        )
    ]


def _sqlite_removal() -> list[str]:
    changes = ("update", "delete", "replace")
    return [f"DROP TRIGGER IF EXISTS {table}_no_{change}" for table in TABLES for change in changes]


def _postgres_triggers(tables: dict[str, list[str]]) -> list[str]:
    refusals = [
        f"CREATE TRIGGER append_only_{change.lower()} BEFORE {change} ON {table} {which} "
        f"EXECUTE FUNCTION {REFUSE}()"
        for table, columns in tables.items()
        for change, which in (
            ("UPDATE", f"FOR EACH ROW WHEN ({_refused(table, columns, 'postgresql')})"),
            ("DELETE", "FOR EACH ROW"),
            ("TRUNCATE", "FOR EACH STATEMENT"),
        )
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
