"""Writing: the rows of a run, by where they are put. How they get there, one statement after another or all at once,
is its heirs' business."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from workflows.audit import chain
from workflows.models import Grant, Requirement, RunEvent, StepRecord, Value
from workflows.store.cursor import Cursor, Row

# Databases limit how many parameters a statement has.
ROWS_AT_ONCE = 100


class Into(NamedTuple):
    """Where rows are put: fields of a model; and which of them `change` in a row that is there with the same `key`."""

    model: type[Model]
    names: tuple[str, ...]
    key: tuple[str, ...] = ()
    change: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Its name."""
        return self.model._meta.db_table


VALUES = Into(Value, ("id", "run", "path", "slot", "data"))
RECORDS = Into(
    StepRecord,
    (
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
    ),
    key=("run", "path"),
    change=("status", "tries", "cursor", "in_flight", "memo", "output", "finished_at"),
)
REQUIREMENTS = Into(
    Requirement,
    (
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
    ),
)
GRANTS = Into(Grant, ("id", "run", "requirement", "group", "username", "decides"))
EVENTS = Into(RunEvent, (*chain.FACTS, *chain.LINKS))


class Writing(Cursor):
    """Rows, each in the order of the fields that stand above."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        # Where the chains end of runs that nobody else appends to meanwhile.
        self.heads: dict[UUID, chain.Head] = {}

    def insert_values(self, rows: Iterable[Row]) -> None:
        """Values."""
        self._insert(VALUES, rows)

    def upsert_records(self, rows: Iterable[Row]) -> None:
        """Step records: new ones, and what changes in known ones."""
        self._insert(RECORDS, rows)

    def insert_requirements(self, rows: Iterable[Row]) -> None:
        """Questions."""
        self._insert(REQUIREMENTS, rows)

    def insert_grants(self, rows: Iterable[Row]) -> None:
        """Who is named."""
        self._insert(GRANTS, rows)

    def insert_linked(self, rows: Iterable[Row]) -> None:
        """Events that are linked already."""
        self._insert(EVENTS, rows)

    def insert_events(self, run_id: UUID, events: Iterable[Row]) -> dict[str, Any]:
        """Events, by `chain.FACTS`, at the end of the chain of a run that is held; what changes of the run by that."""
        rows, end = chain.append(self.heads[run_id], events)
        self.insert_linked(rows)
        self.heads[run_id] = end
        return {"chain_head": end.digest, "chain_length": end.length, "is_sealed": False} if rows else {}

    def apply(self, requirements: Sequence[UUID]) -> None:
        """The run goes on with what was decided."""
        among = ", ".join(["%s"] * len(requirements))
        self._write(
            f'UPDATE "{Requirement._meta.db_table}" SET "status" = %s WHERE "status" = %s AND "id" IN ({among})',
            [Requirement.Status.APPLIED, Requirement.Status.DECIDED, *requirements],
        )

    def _insert(self, into: Into, rows: Iterable[Row]) -> None:
        for some in _portions(list(rows)):
            self._put(into, some)

    def _put(self, into: Into, rows: Sequence[Row]) -> None:
        """Put rows there, of which there are some and not too many."""
        raise NotImplementedError

    def _write(self, statement: str, params: Row) -> None:
        """Run a statement of which nobody asks what came of it; it ends with a condition."""
        raise NotImplementedError


def _portions(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


@cache
def insertion(into: Into, source: str) -> str:
    """The statement that inserts what `source` gives: VALUES, or a query."""
    statement = f'INSERT INTO "{into.table}" ({columns(into.model, into.names)}) {source}'
    if not into.key:
        return statement
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in column_names(into.model, into.change))
    return f"{statement} ON CONFLICT ({columns(into.model, into.key)}) DO UPDATE SET {sets}"


@cache
def in_a_row(fields: int, rows: int) -> str:
    """So many rows of so many fields, as they are."""
    row = f"({', '.join(['%s'] * fields)})"
    return f"VALUES {', '.join([row] * rows)}"


@cache
def alone(into: Into, rows: int) -> str:
    """The statement that inserts so many rows."""
    return insertion(into, in_a_row(len(into.names), rows))


@cache
def column_names(model: type[Model], names: tuple[str, ...]) -> list[str]:
    """The columns of fields."""
    return [str(field_of(model, name).column) for name in names]


@cache
def columns(model: type[Model], names: tuple[str, ...]) -> str:
    """The same as a list in a statement."""
    return ", ".join(f'"{name}"' for name in column_names(model, names))


def field_of(model: type[Model], name: str) -> "Field[Any, Any]":
    """A field that has a column."""
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field
