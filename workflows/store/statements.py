"""Statements: the few on the hot path, written by hand and built once (see `cursor`): those that write, too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from workflows.audit import chain
from workflows.bus import ring
from workflows.models import Grant, Requirement, RunEvent, Session, StepRecord, Value, Workflow, WorkflowRun
from workflows.store.cursor import Row
from workflows.store.looks import Looks
from workflows.types import RunStatus

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
def by_hand(using: str) -> Iterator["Statements"]:
    """Such statements in the transaction that is open, or in none."""
    with connections[using].cursor() as cursor:
        yield Statements(connections[using], cursor)


class Statements(Looks):
    """The statements of one transaction."""

    def __init__(self, connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
        super().__init__(connection, cursor)
        self._heads: dict[UUID, chain.Head] = {}

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

    def move_chain(self, run_id: UUID, head: chain.Head, end: chain.Head) -> bool:
        """Move the end of a run's chain, by compare-and-set; the run stays locked."""
        self._execute(
            f'UPDATE "{WorkflowRun._meta.db_table}" SET "chain_head" = %s, "chain_length" = %s, "is_sealed" = %s '
            'WHERE "id" = %s AND "chain_length" = %s',
            [end.digest, end.length, False, run_id, head.length],
        )
        return bool(self._cursor.rowcount)

    def chain_end(self, run_id: UUID) -> chain.Head:
        """Where a run's chain ends; the run stays locked."""
        table = WorkflowRun._meta.db_table
        found = self._fetch(
            f'SELECT "chain_head", "chain_length" FROM "{table}" WHERE "id" = %s{self._lock}', [run_id]
        )
        assert found is not None
        return chain.Head(digest=found[0], length=found[1])

    def close(self, requirement_id: UUID, revision: int, release_at: datetime | None) -> bool:
        """Close an open requirement at this revision; whether nobody was faster."""
        self._execute(
            f'UPDATE "{Requirement._meta.db_table}" SET "status" = %s, "release_at" = %s '
            'WHERE "id" = %s AND "revision" = %s AND "status" = %s',
            [Requirement.Status.DECIDED, release_at, requirement_id, revision, Requirement.Status.OPEN],
        )
        return bool(self._cursor.rowcount)

    def wake(self, run_id: UUID, at: datetime, trace: str | None) -> None:
        """Make a run due, unless it is due before."""
        self._execute(
            f'UPDATE "{WorkflowRun._meta.db_table}" SET "wake_at" = %s, "trace" = coalesce(%s, "trace") '
            'WHERE "id" = %s AND ("wake_at" IS NULL OR "wake_at" > %s)',
            [at, trace, run_id, at],
        )

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

    def update_run(self, run_id: UUID, **changes: Any) -> None:
        """Set fields of a run."""
        self._update(WorkflowRun, run_id, changes)

    def update_session(self, session_id: str, **changes: Any) -> None:
        """Set fields of a session."""
        self._update(Session, session_id, changes)

    def apply(self, requirements: Sequence[UUID]) -> None:
        """The run goes on with what was decided."""
        table, among = Requirement._meta.db_table, ", ".join(["%s"] * len(requirements))
        self._execute(
            f'UPDATE "{table}" SET "status" = %s WHERE "status" = %s AND "id" IN ({among})',
            [Requirement.Status.APPLIED, Requirement.Status.DECIDED, *requirements],
        )

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
