"""Statements: the few on the hot path, written by hand and built once (see `cursor`): those that write, too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Model

from workflows.audit import chain
from workflows.bus import ring
from workflows.models import Requirement, Session, Workflow, WorkflowRun
from workflows.store.cursor import Row
from workflows.store.looks import Looks
from workflows.store.writing import Into, Writing, alone, column_names, columns
from workflows.types import RunStatus

UNFINISHED = [status for status in RunStatus if not status.finished]


WOKEN = """, "wake_at" = CASE WHEN "wake_at" <= %s THEN "wake_at" ELSE %s END,
"trace" = CASE WHEN "wake_at" <= %s THEN "trace" ELSE coalesce(%s, "trace") END"""


class Wake(NamedTuple):
    """From when on somebody shall go on with a run, and the span of what is the reason, where that is traced."""

    at: datetime
    trace: str | None


@contextmanager
def written(using: str) -> Iterator["Statements"]:
    """One transaction of such statements."""
    with transaction.atomic(using=using), by_hand(using) as statements:
        yield statements


@contextmanager
def written_together(using: str) -> Iterator["Statements"]:
    """The same, for statements of which nobody asks how many rows they changed: a server gets those at once that
    have nothing to give back. What it refuses is raised by a later one, or at the end."""
    with written(using) as statements, statements.together():
        yield statements


def by_hand(using: str) -> "Statements":
    """Such statements in the transaction that is open, or in none; to be used in a `with`."""
    return Statements(connections[using])


class Statements(Looks, Writing):
    """The statements of one transaction, one after another."""

    def add(self, row: Model, unless: tuple[str, ...] = ()) -> bool:
        """Insert a row that was made in Python; False where there is one that has the same in the fields `unless`."""
        model, fields = type(row), row._meta.concrete_fields
        statement = alone(Into(model, tuple(field.name for field in fields)), 1)
        if unless:
            statement += f" ON CONFLICT ({columns(model, unless)}) DO NOTHING"
        # By its fields, as the ORM does it: a row that is made once may have columns of any kind.
        given = [field.get_db_prep_save(field.pre_save(row, True), self._connection) for field in fields]
        self._cursor.execute(statement, given)
        row._state.adding, row._state.db = False, self._connection.alias
        return bool(self._cursor.rowcount)

    def insert_linked(self, rows: Iterable[Row]) -> None:
        """Events that are linked already."""
        super().insert_linked(rows)
        ring(self._connection.alias)

    def move_chain(self, run_id: UUID, head: chain.Head, end: chain.Head, wake: Wake | None = None) -> bool:
        """Move the end of a run's chain, by compare-and-set, and make it due unless it is due before; the run stays
        locked."""
        woken = [wake.at, wake.at, wake.at, wake.trace] if wake else []
        self._execute(
            f'UPDATE "{WorkflowRun._meta.db_table}" SET "chain_head" = %s, "chain_length" = %s, "is_sealed" = %s'
            f'{WOKEN if wake else ""} WHERE "id" = %s AND "chain_length" = %s',
            [end.digest, end.length, False, *woken, run_id, head.length],
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
        self.heads[run_id] = chain.Head(digest=found[1], length=found[2])
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

    def _update(self, model: type[Model], key: UUID | str, changes: Mapping[str, Any]) -> None:
        self._execute(_update_statement(model, tuple(changes)), [*changes.values(), key])

    def _put(self, into: Into, rows: Sequence[Row]) -> None:
        self._execute(alone(into, len(rows)), [value for row in rows for value in row])

    def _write(self, statement: str, params: Row) -> None:
        self._execute(statement, params)


@cache
def _update_statement(model: type[Model], names: tuple[str, ...]) -> str:
    sets = ", ".join(f'"{name}" = %s' for name in column_names(model, names))
    return f'UPDATE "{model._meta.db_table}" SET {sets} WHERE "id" = %s'
