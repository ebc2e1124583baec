"""Statements: the few that a save consists of, written by hand and built once per database.

The ORM would build each of them anew for every save, which costs several times what running them does. They go
through Django's cursor and its fields' own conversions, so that both databases get what the ORM would send.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Field, Model

from workflows.models import Requirement, RunEvent, StepRecord, Value, WorkflowRun

Row = Sequence[Any]

PLAIN = {str, int, type(None)}

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
    "evidence",
    "opened_at",
    "timeout_at",
)
EVENTS = ("id", "run", "type", "path", "requirement", "actor", "data", "created_at")


class Statements:
    """The statements of one save on one database."""

    def __init__(self, using: str) -> None:
        self._connection = connections[using]
        self._lock = " FOR UPDATE" if self._connection.vendor == "postgresql" else ""

    def insert_values(self, rows: Iterable[Row]) -> None:
        """Values, in the order of VALUES; likewise below."""
        self._insert(Value, VALUES, rows)

    def upsert_records(self, rows: Iterable[Row]) -> None:
        """Step records: new ones, and what changes in known ones."""
        self._insert(StepRecord, RECORDS, rows, conflict=("run", "path"), update=CHANGING)

    def insert_requirements(self, rows: Iterable[Row]) -> None:
        """Questions."""
        self._insert(Requirement, REQUIREMENTS, rows)

    def insert_events(self, rows: Iterable[Row]) -> None:
        """Events."""
        self._insert(RunEvent, EVENTS, rows)

    def hold(self, run_id: UUID, fence: int) -> str | None:
        """Lock a run under a fence: who asked for its cancellation (mostly nobody: ""); None when the fence is past."""
        table = WorkflowRun._meta.db_table
        found = self._fetch(
            f'SELECT "cancel_requested_by" FROM "{table}" WHERE "id" = %s AND "fence" = %s{self._lock}',
            [self._of(WorkflowRun, "id", run_id), fence],
        )
        return None if found is None else str(found[0])

    def decided(self, run_id: UUID) -> bool:
        """Whether somebody has decided on the run, and it has not gone on with that yet."""
        table = Requirement._meta.db_table
        found = self._fetch(
            f'SELECT 1 FROM "{table}" WHERE "run_id" = %s AND "status" = %s LIMIT 1',
            [self._of(Requirement, "run", run_id), Requirement.Status.DECIDED.value],
        )
        return found is not None

    def update_run(self, run_id: UUID, **changes: Any) -> None:
        """Set fields of a run."""
        model = WorkflowRun
        sets = ", ".join(f'"{_field(model, name).column}" = %s' for name in changes)
        params = [self._of(model, name, value) for name, value in changes.items()]
        with self._connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{model._meta.db_table}" SET {sets} WHERE "id" = %s',
                [*params, self._of(model, "id", run_id)],
            )

    def _insert(
        self,
        model: type[Model],
        names: tuple[str, ...],
        rows: Iterable[Row],
        conflict: tuple[str, ...] = (),
        update: tuple[str, ...] = (),
    ) -> None:
        prepare = [_field(model, name).get_db_prep_save for name in names]
        params = [
            # What both databases take as it is needs no conversion, which costs more than the rest of an insert.
            value if type(value) in PLAIN else convert(value, connection=self._connection)
            for row in rows
            for convert, value in zip(prepare, row, strict=True)
        ]
        if params:
            statement = _insert_statement(model, names, len(params) // len(names), conflict, update)
            with self._connection.cursor() as cursor:
                cursor.execute(statement, params)

    def _fetch(self, statement: str, params: list[Any]) -> tuple[Any, ...] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, params)
            found: tuple[Any, ...] | None = cursor.fetchone()
        return found

    def _of(self, model: type[Model], name: str, value: Any) -> Any:
        return _field(model, name).get_db_prep_save(value, connection=self._connection)


@cache
def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


@cache
def _insert_statement(
    model: type[Model],
    names: tuple[str, ...],
    rows: int,
    conflict: tuple[str, ...],
    update: tuple[str, ...],
) -> str:
    columns = ", ".join(f'"{_field(model, name).column}"' for name in names)
    row = f"({', '.join(['%s'] * len(names))})"
    statement = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {", ".join([row] * rows)}'
    if not conflict:
        return statement
    keys = ", ".join(f'"{_field(model, name).column}"' for name in conflict)
    columns_set = (_field(model, name).column for name in update)
    sets = ", ".join(f'"{column}" = excluded."{column}"' for column in columns_set)
    return f"{statement} ON CONFLICT ({keys}) DO UPDATE SET {sets}"
