"""At once: what a save writes of a run that stands as its driver knows it: one statement where a server can do that.

Under a fence nobody else writes where a run stands; and whatever others do that a save depends on (decide, comment, ask
for the run's end) moves the end of its chain. So a driver need not lock a run and look at it first: the update of the
run says as what it must be found, and with that update stands or falls all else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from pydantic_core import to_json

from workflows import points
from workflows.audit import chain
from workflows.bus import ring
from workflows.models import WorkflowRun
from workflows.store.cursor import Row
from workflows.store.writing import Into, Writing, alone, column_names, columns, field_of, insertion

STANDS = '"id" = %s AND "fence" = %s AND "chain_length" = %s AND "cancel_requested_by" = \'\''


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a driver knows of its run: nothing else is written unless it is so."""

    run_id: UUID
    fence: int
    head: chain.Head


def at_once(using: str, known: Known) -> "AtOnce":
    """What is to be written together, in a `with`; `send` writes it."""
    connection = connections[using]
    made = OneStatement if connection.vendor == "postgresql" else InTurn
    return made(connection, known)


class AtOnce(Writing):
    """Statements that are kept until all of them are sent."""

    def __init__(self, connection: BaseDatabaseWrapper, known: Known) -> None:
        super().__init__(connection)
        self._known = known
        self.heads[known.run_id] = known.head
        self._parts: list[tuple[str, Row]] = []

    def send(self, changes: Mapping[str, Any], point: str) -> bool:
        """Write it, and what changes of the run; whether the run stood so: else nothing is written. `point` is reached
        before that is so for good."""
        known = self._known
        changes = changes or {"fence": known.fence}
        params = [*changes.values(), known.run_id, known.fence, known.head.length]
        sent = self._sent(_update(tuple(changes)), params, point)
        if sent:
            ring(self._connection.alias)
        return sent

    def create(self, run: WorkflowRun, changes: Mapping[str, Any], point: str = "save.within") -> bool:
        """Write it, and a run that was made in Python, with these changes; False where its source has sent one with the
        same external id before: then nothing is written."""
        columns = run._meta.concrete_fields
        given = {column.name: column.pre_save(run, True) for column in columns}
        given |= changes
        # By its fields, as the ORM does it: a run that is made once may have been given values of any kind.
        params = [column.get_db_prep_save(given[column.name], self._connection) for column in columns]
        if not self._sent(_creation(), params, point):
            return False
        for column in columns:
            setattr(run, column.attname, given[column.name])
        run._state.adding, run._state.db = False, self._connection.alias
        ring(self._connection.alias)
        return True

    def _sent(self, first: str, params: Row, point: str) -> bool:
        """Send a statement about the run, and where it did something all else."""
        raise NotImplementedError


class InTurn(AtOnce):
    """For a database in a file: one after another in a transaction, as nobody is far away."""

    def _put(self, into: Into, rows: Sequence[Row]) -> None:
        self._parts.append((alone(into, len(rows)), [value for row in rows for value in row]))

    def _write(self, statement: str, params: Row) -> None:
        self._parts.append((statement, params))

    def _sent(self, first: str, params: Row, point: str) -> bool:
        with transaction.atomic(using=self._connection.alias, savepoint=False):
            self._execute(first, params)
            if not self._cursor.rowcount:
                return False
            for part in self._parts:
                self._execute(*part)
            points.reached(point)
        return True


class OneStatement(AtOnce):
    """For a server: a common table expression, whose parts see nothing of each other but what the first one returns.

    It needs no BEGIN and no COMMIT. Rows come as one text, so that it is the same statement for any number of them.
    """

    def _put(self, into: Into, rows: Sequence[Row]) -> None:
        text = _text(column_names(into.model, into.names), rows)
        self._parts.append((_joined(into, self._connection.alias), [text]))

    def _write(self, statement: str, params: Row) -> None:
        self._parts.append((f"{statement} AND EXISTS (SELECT FROM held)", params))

    def _sent(self, first: str, params: Row, point: str) -> bool:
        rest = "".join(f", part{number} AS ({part})" for number, (part, _) in enumerate(self._parts))
        given = [*params, *(value for _, values in self._parts for value in values)]
        points.reached(point)
        found = self._fetch(f"WITH held AS ({first} RETURNING 1){rest} SELECT count(*) FROM held", given)
        return found is not None and bool(found[0])


@cache
def _update(names: tuple[str, ...]) -> str:
    """The statement that changes these fields of a run that stands as it is known."""
    sets = ", ".join(f'"{name}" = %s' for name in column_names(WorkflowRun, names))
    return f'UPDATE "{WorkflowRun._meta.db_table}" SET {sets} WHERE {STANDS}'


@cache
def _creation() -> str:
    """The statement that inserts a run, unless its source has sent it before."""
    run = Into(WorkflowRun, tuple(field.name for field in WorkflowRun._meta.concrete_fields))
    return f"{alone(run, 1)} ON CONFLICT ({columns(WorkflowRun, ('source', 'external_id'))}) DO NOTHING"


@cache
def _joined(into: Into, using: str) -> str:
    """The statement that inserts any number of rows if the run is held: they come as one text."""
    connection = connections[using].copy()  # one that is never opened: what is kept here outlives threads
    fields = [field_of(into.model, name) for name in into.names]
    # Without lengths: the column says what is too long.
    typed = ", ".join(
        f'"{field.column}" {str(field.db_type(connection)).partition("(")[0]}' for field in fields
    )
    given = f"json_to_recordset(%s) AS given ({typed})"
    return insertion(into, f"SELECT * FROM {given} WHERE EXISTS (SELECT FROM held)")


def _text(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Rows as JSON, in a tenth of the time that a parameter for each value takes."""
    given = [dict(zip(names, row, strict=True)) for row in rows]
    try:
        return to_json(given).decode()
    except ValueError:  # too deep for it
        return json.dumps(given, default=str)
