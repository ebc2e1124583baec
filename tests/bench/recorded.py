"""Recorded: statements that the product was seen to send, to be sent again by hand, each time with ids of their own."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.ids import new_id

ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Rows that are sent as one text have theirs in it.
WITHIN = re.compile(r"(?<=\")[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\")")
OF_TRANSACTIONS = ("BEGIN", "SAVEPOINT", "RELEASE")

Statement = tuple[str, tuple[Any, ...]]


@dataclass(kw_only=True)
class Together:
    """Statements in the order in which they were sent: those of a transaction, or one that was sent without."""

    is_atomic: bool
    statements: list[Statement]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What was sent, and the ids that are replaced: those with a name by what is given under it, all `others` by new
    ones."""

    sent: list[Together]
    named: Mapping[UUID, str]
    others: list[UUID]

    def again(self, **given: UUID) -> Iterator[Together]:
        """The same for another run."""
        ids = dict(zip(self.others, (new_id() for _ in self.others), strict=True))
        ids |= {known: given[name] for known, name in self.named.items()}
        for one in self.sent:
            spelled = [
                (sql, tuple(_spelled(value, ids) for value in params)) for sql, params in one.statements
            ]
            yield Together(is_atomic=one.is_atomic, statements=spelled)


def recorded(twice: Sequence[list[Together]], named: Mapping[UUID, str] | None = None) -> Recorded:
    """What was sent the second time; the ids that it has in common with the first time are no run's own."""
    (first, last), named = twice, named or {}
    # They sort by time, and so do those that take their place.
    others = sorted(_ids_in(last) - _ids_in(first) - set(named))
    return Recorded(sent=last, named=named, others=others)


def noted(connection: BaseDatabaseWrapper, work: Callable[[], object]) -> list[Together]:
    """What is sent while something is done."""
    sent: list[Together] = []
    is_open = False

    def close() -> None:
        nonlocal is_open
        is_open = False

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal is_open
        if not sql.startswith(OF_TRANSACTIONS):
            statement = sql, tuple(map(_plain, params or ()))
            if is_open:
                sent[-1].statements.append(statement)
            else:
                is_open = connection.in_atomic_block
                sent.append(Together(is_atomic=is_open, statements=[statement]))
                if is_open:
                    transaction.on_commit(close, using=connection.alias)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return sent


def _plain(value: Any) -> Any:
    """What stands behind a name that only the product knows."""
    return value.value if isinstance(value, Enum) else value


def _ids_in(sent: list[Together]) -> set[UUID]:
    given = [value for one in sent for _, params in one.statements for value in params]
    texts = (found for value in given if isinstance(value, str) for found in WITHIN.findall(value))
    return {found for value in (*given, *texts) if (found := _as_id(value))}


def _as_id(value: object) -> UUID | None:
    """The id that a value is, in whatever spelling."""
    if isinstance(value, str):
        return UUID(value) if ID.fullmatch(value) else None
    return value if isinstance(value, UUID) else None


def _spelled(value: Any, ids: Mapping[UUID, UUID]) -> Any:
    known = _as_id(value)
    if known is None:
        return WITHIN.sub(partial(_other, ids), value) if isinstance(value, str) else value
    if known not in ids:
        return value
    if isinstance(value, UUID):
        return ids[known]
    return str(ids[known]) if "-" in value else ids[known].hex


def _other(ids: Mapping[UUID, UUID], found: re.Match[str]) -> str:
    known = UUID(found[0])
    return str(ids.get(known, known))
