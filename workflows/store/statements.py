"""Statements: the few on the hot path, written by hand and built once per database.

The ORM would build each of them anew every time, which costs several times what running them does. They go through
Django's cursor, and values as Django's own operations adapt them, so that both databases get what the ORM would send.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model
from django.utils import timezone

from workflows.audit import chain
from workflows.bus import ring
from workflows.engine.snapshot import Saved
from workflows.models import Grant, Requirement, RunEvent, Session, StepRecord, Value, Workflow, WorkflowRun
from workflows.types import RequirementKind, RunStatus, StepStatus, StepType

Row = Sequence[Any]

# What both databases take as it is.
PLAIN = {str, int, bool, type(None)}
ENUMS = (RequirementKind, RunStatus, StepStatus, StepType, Requirement.Status)
UNFINISHED = [status for status in RunStatus if not status.finished]
# Databases limit how many parameters a statement has.
ROWS_AT_ONCE = 100

VALUES = ("id", "run", "path", "slot", "data")
RECORDS = (
    "id",
    "run",
    "path",
    "name",
    "kind",
    "status",
    "tries",
    "cursor",
    "in_flight",
    "memo",
    "output",
    "started_at",
    "finished_at",
)
CHANGING = ("status", "tries", "cursor", "in_flight", "memo", "output", "finished_at")
REQUIREMENTS = (
    "id",
    "run",
    "path",
    "key",
    "kind",
    "status",
    "revision",
    "step_name",
    "message",
    "details",
    "opened_at",
    "timeout_at",
    "policy",
    "is_restricted",
    "priority",
    "risk",
    "due_at",
    "next_step_at",
    "steps_taken",
    "digest",
    "evidence",
)
GRANTS = ("id", "run", "requirement", "group", "username", "decides")
EVENTS = (*chain.FACTS, *chain.LINKS)


class Took(NamedTuple):
    """When the work at a place began and ended."""

    path: str
    name: str
    kind: str
    begun: datetime
    ended: datetime


@contextmanager
def written(using: str) -> Iterator["Statements"]:
    """One transaction of such statements."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        yield Statements(connections[using], cursor)


@contextmanager
def written_together(using: str) -> Iterator["Statements"]:
    """The same, for statements of which nobody asks how many rows they changed: a server gets those at once that
    have nothing to give back. What it refuses is raised by a later one, or at the end."""
    with written(using) as statements, statements.together():
        yield statements


@contextmanager
def reading(using: str) -> Iterator["Statements"]:
    """Such statements without a transaction."""
    with connections[using].cursor() as cursor:
        yield Statements(connections[using], cursor)


class Statements:
    """The statements of one transaction."""

    def __init__(self, connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
        self._connection, self._cursor = connection, cursor
        self._adapters = _adapters(connection)
        self._lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        self._heads: dict[UUID, chain.Head] = {}

    @contextmanager
    def together(self) -> Iterator[None]:
        """Meanwhile no statement waits for the one before, where the driver can do that."""
        driver = self._connection.connection
        pipeline = driver.pipeline() if hasattr(driver, "pipeline") else nullcontext()
        with self._connection.wrap_database_errors, pipeline:
            yield

    def add(self, row: Model, unless: tuple[str, ...] = ()) -> bool:
        """Insert a row that was made in Python; False where there is one that has the same in the fields `unless`."""
        model, fields = type(row), row._meta.concrete_fields
        statement = _insert_statement(model, tuple(field.name for field in fields), 1)
        if unless:
            statement += f" ON CONFLICT ({_columns(model, unless)}) DO NOTHING"
        # By its fields, as the ORM does it: a row that is made once may have columns of any kind.
        given = [field.get_db_prep_save(field.pre_save(row, True), self._connection) for field in fields]
        self._cursor.execute(statement, given)
        row._state.adding, row._state.db = False, self._connection.alias
        return bool(self._cursor.rowcount)

    def insert_values(self, rows: Iterable[Row]) -> None:
        """Values, in the order of VALUES; likewise below."""
        self._insert(Value, VALUES, rows)

    def upsert_records(self, rows: Iterable[Row]) -> None:
        """Step records: new ones, and what changes in known ones."""
        self._insert(StepRecord, RECORDS, rows, conflict=("run", "path"), update=CHANGING)

    def insert_requirements(self, rows: Iterable[Row]) -> None:
        """Questions."""
        self._insert(Requirement, REQUIREMENTS, rows)

    def insert_grants(self, rows: Iterable[Row]) -> None:
        """Who is named."""
        self._insert(Grant, GRANTS, rows)

    def insert_linked(self, rows: Iterable[Row]) -> None:
        """Events that are linked already."""
        self._insert(RunEvent, EVENTS, rows)
        ring(self._connection.alias)

    def insert_events(self, run_id: UUID, events: Iterable[Row]) -> dict[str, Any]:
        """Events, by `chain.FACTS`, at the end of the chain of a run that is held; what changes of the run by that."""
        rows, end = chain.append(self._heads[run_id], events)
        self.insert_linked(rows)
        self._heads[run_id] = end
        return {"chain_head": end.digest, "chain_length": end.length, "is_sealed": False} if rows else {}

    def hold(self, run_id: UUID, fence: int) -> str | None:
        """Lock a run under a fence: who asked for its cancellation (mostly nobody: ""); None when the fence is past."""
        table = WorkflowRun._meta.db_table
        found = self._fetch(
            'SELECT "cancel_requested_by", "chain_head", "chain_length" '
            f'FROM "{table}" WHERE "id" = %s AND "fence" = %s{self._lock}',
            [run_id, fence],
        )
        if found is None:
            return None
        self._heads[run_id] = chain.Head(digest=found[1], length=found[2])
        return str(found[0])

    def take(self, run_id: UUID, owner: str, now: datetime, *, until: datetime) -> tuple[int, str] | None:
        """Lease a run that nobody drives: its fence, and its workflow's name; None where somebody does, or it has
        ended."""
        table, workflow = WorkflowRun._meta.db_table, Workflow._meta.db_table
        self._execute(
            f'UPDATE "{table}" SET "fence" = "fence" + 1, "lease_owner" = %s, "wake_at" = %s '
            f'WHERE "id" = %s AND "status" IN ({", ".join(["%s"] * len(UNFINISHED))}) '
            'AND ("lease_owner" = \'\' OR "wake_at" IS NULL OR "wake_at" <= %s) '
            f'RETURNING "fence", (SELECT "name" FROM "{workflow}" WHERE "{workflow}"."id" = "workflow_id")',
            [owner, until, run_id, *UNFINISHED, now],
        )
        taken: list[tuple[int, str]] = self._cursor.fetchall()
        return taken[0] if taken else None

    def decided(self, run_id: UUID) -> bool:
        """Whether somebody has decided on the run for good, and it has not gone on with that yet."""
        table = Requirement._meta.db_table
        released = '("release_at" IS NULL OR "release_at" <= %s)'
        found = self._fetch(
            f'SELECT 1 FROM "{table}" WHERE "run_id" = %s AND "status" = %s AND {released} LIMIT 1',
            [run_id, Requirement.Status.DECIDED, timezone.now()],
        )
        return found is not None

    def update_run(self, run_id: UUID, **changes: Any) -> None:
        """Set fields of a run."""
        self._update(WorkflowRun, run_id, changes)

    def update_session(self, session_id: str, **changes: Any) -> None:
        """Set fields of a session."""
        self._update(Session, session_id, changes)

    def state(self, session_id: str) -> tuple[dict[str, Any], int]:
        """A session's state and version; the session stays locked."""
        table = Session._meta.db_table
        found = self._fetch(
            f'SELECT "state", "version" FROM "{table}" WHERE "id" = %s{self._lock}', [session_id]
        )
        assert found is not None
        return json.loads(found[0]), found[1]

    def policy_now(self, workflow_id: UUID) -> dict[str, Any]:
        """The policy of a workflow."""
        found = self._fetch(
            f'SELECT "policy" FROM "{Workflow._meta.db_table}" WHERE "id" = %s', [workflow_id]
        )
        assert found is not None
        policy: dict[str, Any] = json.loads(found[0])
        return policy

    def policy(self, workflow_id: UUID, fingerprint: str) -> dict[str, Any] | None:
        """The same; None where it is registered with another fingerprint, or switched off."""
        table = Workflow._meta.db_table
        found = self._fetch(
            f'SELECT "policy" FROM "{table}" WHERE "id" = %s AND "fingerprint" = %s AND "enabled"',
            [workflow_id, fingerprint],
        )
        return json.loads(found[0]) if found else None

    def took(self, run_id: UUID) -> list[Took]:
        """What the top-level places of a run took that are done, in the order in which they began."""
        table = StepRecord._meta.db_table
        self._execute(
            f'SELECT "path", "name", "kind", "started_at", "finished_at" FROM "{table}" WHERE "run_id" = %s '
            'AND "finished_at" IS NOT NULL AND "path" <> \'\' AND "path" NOT LIKE \'%%/%%\' ORDER BY '
            '"started_at", "id"',
            [run_id],
        )
        return [
            Took(path, name, kind, self._moment(begun), self._moment(ended))
            for path, name, kind, begun, ended in self._cursor.fetchall()
        ]

    def saved(self, run_id: UUID, path: str | None = None) -> list[Saved]:
        """The record at a path; without one, the records that are not finished."""
        which = '"finished_at" IS NULL' if path is None else '"path" = %s'
        table, value = StepRecord._meta.db_table, Value._meta.db_table
        self._execute(
            f'SELECT "record"."path", "name", "kind", "status", "tries", "cursor", "memo", "in_flight", "slot" '
            f'FROM "{table}" AS "record" LEFT JOIN "{value}" AS "output" ON "output"."id" = "output_id" '
            f'WHERE "record"."run_id" = %s AND "record".{which} ORDER BY "started_at", "record"."id"',
            [run_id] if path is None else [run_id, path],
        )
        return [
            Saved(
                path=place,
                name=name,
                kind=kind,
                status=status,
                tries=tries,
                cursor=cursor,
                memo=json.loads(memo),
                in_flight=in_flight or None,
                slot=slot,
            )
            for place, name, kind, status, tries, cursor, memo, in_flight, slot in self._cursor.fetchall()
        ]

    def value(self, run_id: UUID, path: str, slot: str) -> tuple[UUID, str] | None:
        """The id and the encoded value of a slot."""
        table = Value._meta.db_table
        found = self._fetch(
            f'SELECT "id", "data" FROM "{table}" WHERE "run_id" = %s AND "path" = %s AND "slot" = %s LIMIT 1',
            [run_id, path, slot],
        )
        return None if found is None else (_uuid(found[0]), found[1])

    def next_look(self, run_id: UUID) -> datetime | None:
        """When something will happen by itself to a run: a deadline, a reminder, a release."""
        table = Requirement._meta.db_table
        self._execute(
            f'SELECT "status", "timeout_at", "next_step_at", "release_at" FROM "{table}" '
            'WHERE "run_id" = %s AND "status" IN (%s, %s)',
            [run_id, Requirement.Status.OPEN, Requirement.Status.DECIDED],
        )
        moments = [
            self._moment(at)
            for status, deadline, step, release in self._cursor.fetchall()
            for at in ((deadline, step) if status == Requirement.Status.OPEN else (release,))
            if at is not None
        ]
        return min(moments, default=None)

    def apply(self, requirements: Sequence[UUID]) -> None:
        """The run goes on with what was decided."""
        table, among = Requirement._meta.db_table, ", ".join(["%s"] * len(requirements))
        self._execute(
            f'UPDATE "{table}" SET "status" = %s WHERE "status" = %s AND "id" IN ({among})',
            [Requirement.Status.APPLIED, Requirement.Status.DECIDED, *requirements],
        )

    def _moment(self, stored: datetime) -> datetime:
        return stored if stored.tzinfo else stored.replace(tzinfo=self._connection.timezone)

    def _update(self, model: type[Model], key: UUID | str, changes: Mapping[str, Any]) -> None:
        sets = ", ".join(f'"{_column(model, name)}" = %s' for name in changes)
        self._execute(f'UPDATE "{model._meta.db_table}" SET {sets} WHERE "id" = %s', [*changes.values(), key])

    def _insert(
        self,
        model: type[Model],
        names: tuple[str, ...],
        rows: Iterable[Row],
        conflict: tuple[str, ...] = (),
        update: tuple[str, ...] = (),
    ) -> None:
        given = list(rows)
        for start in range(0, len(given), ROWS_AT_ONCE):
            some = given[start : start + ROWS_AT_ONCE]
            statement = _insert_statement(model, names, len(some), conflict, update)
            self._execute(statement, [value for row in some for value in row])

    def _fetch(self, statement: str, params: Row) -> tuple[Any, ...] | None:
        self._execute(statement, params)
        found: tuple[Any, ...] | None = self._cursor.fetchone()
        return found

    def _execute(self, statement: str, params: Row) -> None:
        adapters = self._adapters
        adapted = [value if type(value) in PLAIN else adapters[type(value)](value) for value in params]
        self._cursor.execute(statement, adapted)


def _uuid(stored: UUID | str) -> UUID:
    """SQLite keeps it as text."""
    return stored if isinstance(stored, UUID) else UUID(stored)


def _adapters(connection: BaseDatabaseWrapper) -> dict[type, Callable[[Any], Any]]:
    """By type, how Django writes a value for this database."""
    operations = connection.ops
    nothing = operations.adapt_json_value({}, None)
    return {
        UUID: (lambda key: key) if connection.features.has_native_uuid_field else attrgetter("hex"),
        # The rows of a transaction tell of one moment.
        datetime: lru_cache(8)(operations.adapt_datetimefield_value),
        dict: lambda data: operations.adapt_json_value(data, None) if data else nothing,
        **dict.fromkeys(ENUMS, str),
    }


@cache
def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return str(field.column)


def _columns(model: type[Model], names: tuple[str, ...]) -> str:
    return ", ".join(f'"{_column(model, name)}"' for name in names)


@cache
def _insert_statement(
    model: type[Model],
    names: tuple[str, ...],
    rows: int,
    conflict: tuple[str, ...] = (),
    update: tuple[str, ...] = (),
) -> str:
    row = f"({', '.join(['%s'] * len(names))})"
    table, columns = model._meta.db_table, _columns(model, names)
    statement = f'INSERT INTO "{table}" ({columns}) VALUES {", ".join([row] * rows)}'
    if not conflict:
        return statement
    sets = ", ".join(f'"{_column(model, name)}" = excluded."{_column(model, name)}"' for name in update)
    return f"{statement} ON CONFLICT ({_columns(model, conflict)}) DO UPDATE SET {sets}"
