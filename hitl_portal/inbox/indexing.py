"""The index that full-text search reads, kept by database triggers: right whoever writes, by the ORM or by hand.

`inbox_searchtext` holds the words of each requirement: what is asked, about what, in which workflow, for whom, with
what input and evidence. SQLite finds them with FTS5, PostgreSQL with its own full text. Everything here is derived:
where triggers are missing after a migration they are made, and what was missed is written.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from hitl_portal.inbox.models import SearchText
from workflows.models import Requirement, Value, Workflow, WorkflowRun

TABLE = "inbox_searchtext"
INDEX = "inbox_search"
REQUIREMENTS = "workflows_requirement"
VALUES = "workflows_value"
# Of each text so much is searched: the head of a long document tells what it is.
MOST = 20_000
# Letters and numbers only, so that both databases see the same words: A-1042 is "a" and "1042".
PLAIN = rf"regexp_replace({TABLE}.text, '[!-/:-@\[-`{{-~]+', ' ', 'g')"
VECTOR = f"to_tsvector('simple'::regconfig, {PLAIN})"
TRIGGERS = frozenset(
    f"{INDEX}_{name}" for name in ("asked", "changed", "erased", "withdrawn", "add", "forget", "renew")
)


def stand_aside(using: str, **_: Any) -> None:
    """Before a migration: take the triggers of SQLite away, which refuses to build a table anew that they name."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def keep_installed(using: str, **_: Any) -> None:
    """After a migration: make what is missing, and write what was missed meanwhile."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    models = (SearchText, Requirement, Value, Workflow, WorkflowRun)
    if not {model._meta.db_table for model in models} <= set(tables):
        return
    wanted = TRIGGERS if connection.vendor == "sqlite" else POSTGRES_TRIGGERS
    if not wanted <= installed(connection):
        install(connection)


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the triggers that are there."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgres = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgres)
        return {name for (name,) in cursor.fetchall()}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, replacing those that are there, and write the words of what has none."""
    make = _sqlite if connection.vendor == "sqlite" else _postgres
    missed = f"NOT EXISTS (SELECT 1 FROM {TABLE} WHERE {TABLE}.requirement_id = asked.id)"
    with connection.cursor() as cursor:
        for statement in [*make(), _insertion(connection.vendor, missed)]:
            cursor.execute(statement)


def _words(vendor: str) -> str:
    """What is searched of a requirement, as an expression over the tables of `_source`."""
    tool = "json_extract(asked.details, '$.tool')" if vendor == "sqlite" else "asked.details ->> 'tool'"
    texts = [
        "asked.message",
        "asked.step_name",
        "run.summary",
        "run.source",
        "workflow.title",
        "person.username",
        "inputs.data",
        "evidence.data",
        tool,
    ]
    parts = [f"coalesce(substr({text}, 1, {MOST}), '')" for text in texts]
    joined = " || ' ' || ".join(parts)
    # JSON writes line breaks as two characters, which would stick to the next word.
    return rf"replace(replace(replace({joined}, '\n', ' '), '\r', ' '), '\t', ' ')"


def _source() -> str:
    people = get_user_model()._meta.db_table
    return (
        f"{REQUIREMENTS} AS asked JOIN workflows_workflowrun AS run ON run.id = asked.run_id "
        f"JOIN workflows_workflow AS workflow ON workflow.id = run.workflow_id "
        f"LEFT JOIN {people} AS person ON person.id = run.requested_by_id "
        f"LEFT JOIN {VALUES} AS inputs ON inputs.run_id = run.id AND inputs.path = '' AND inputs.slot = 'inputs' "
        f"LEFT JOIN {VALUES} AS evidence ON evidence.id = asked.evidence_id"
    )


def _insertion(vendor: str, which: str) -> str:
    rows = f"SELECT asked.id, {_words(vendor)} FROM {_source()} WHERE {which}"
    return f"INSERT INTO {TABLE} (requirement_id, text) {rows}"


def _renewal(vendor: str, which: str) -> str:
    words = f"SELECT {_words(vendor)} FROM {_source()} WHERE asked.id = {TABLE}.requirement_id"
    of_which = f"SELECT asked.id FROM {REQUIREMENTS} AS asked WHERE {which}"
    return f"UPDATE {TABLE} SET text = ({words}) WHERE requirement_id IN ({of_which})"


# When words change, by the trigger's name: the moment, the table, and what is done then.
def _changes(vendor: str) -> dict[str, tuple[str, str, str]]:
    of_value = "asked.evidence_id = NEW.id OR (asked.run_id = NEW.run_id AND NEW.slot = 'inputs')"
    deletion = f"DELETE FROM {TABLE} WHERE requirement_id = OLD.id"
    return {
        "asked": ("AFTER INSERT", REQUIREMENTS, _insertion(vendor, "asked.id = NEW.id")),
        "changed": (
            "AFTER UPDATE OF message, details, evidence_id",
            REQUIREMENTS,
            _renewal(vendor, "asked.id = NEW.id"),
        ),
        "erased": ("AFTER UPDATE OF data", VALUES, _renewal(vendor, of_value)),
        "withdrawn": ("BEFORE DELETE", REQUIREMENTS, deletion),
    }


def _sqlite() -> list[str]:
    """FTS5 keeps no copy of the text: it is told of each change what was there and what is there now."""
    options = (
        f"text, content='{TABLE}', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'"
    )
    add = f"INSERT INTO {INDEX} (rowid, text) VALUES (NEW.id, NEW.text)"
    forget = f"INSERT INTO {INDEX} ({INDEX}, rowid, text) VALUES ('delete', OLD.id, OLD.text)"
    follow = {
        "add": ("AFTER INSERT", TABLE, add),
        "forget": ("AFTER DELETE", TABLE, forget),
        "renew": ("AFTER UPDATE", TABLE, f"{forget}; {add}"),
    }
    statements = [f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5({options})"]
    for name, (moment, table, action) in (_changes("sqlite") | follow).items():
        statements.append(f"DROP TRIGGER IF EXISTS {INDEX}_{name}")
        statements.append(
            f"CREATE TRIGGER {INDEX}_{name} {moment} ON {table} FOR EACH ROW BEGIN {action}; END"
        )
    return statements


def _postgres() -> list[str]:
    statements = [f"CREATE INDEX IF NOT EXISTS {INDEX} ON {TABLE} USING gin ({VECTOR})"]
    for name, (moment, table, action) in _changes("postgresql").items():
        result = "OLD" if "DELETE" in moment else "NEW"
        body = f"BEGIN {action}; RETURN {result}; END"
        statements += [
            f"CREATE OR REPLACE FUNCTION {INDEX}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"DROP TRIGGER IF EXISTS {INDEX}_{name} ON {table}",
            f"CREATE TRIGGER {INDEX}_{name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {INDEX}_{name}()",
        ]
    return statements


POSTGRES_TRIGGERS = frozenset(f"{INDEX}_{name}" for name in _changes("postgresql"))
