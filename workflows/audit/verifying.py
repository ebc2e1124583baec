"""Verifying: every chain link by link, what decisions say against what the log says of them, every checkpoint.

The first broken link is named, and then it stops. Rows are read in streams, some hundred runs at a time, while others
append: where a run ends, and what is sealed of it, is read before its events, so that what is new is no surprise.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from workflows.audit import chain, merkle
from workflows.audit.chain import Row
from workflows.audit.keys import trusted_keys
from workflows.audit.sealing import leaves, statement
from workflows.audit.signing import is_signed
from workflows.audit.telling import Told
from workflows.canonical import digest
from workflows.models import Checkpoint, RunEvent, SealedHead, WorkflowRun

RUNS_AT_ONCE, ROWS_AT_ONCE = 200, 2000
COLUMNS = (
    "sequence",
    *chain.LINKS,
    "id",
    "run_id",
    "type",
    "path",
    "requirement_id",
    "actor",
    "data",
    "created_at",
)


class Broken(Exception):
    """A link that does not hold: where it is, and what differs."""


@dataclass(kw_only=True)
class Whole:
    """What was looked at, and found whole."""

    runs: int = 0
    events: int = 0
    checkpoints: int = 0


@dataclass(kw_only=True)
class Chained:
    """A run, and which event must stand at which position: by position, the digest and who says so."""

    id: UUID
    ends: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))


def verify(found: Whole, using: str = DEFAULT_DB_ALIAS) -> None:
    """Look at everything there is; counts in `found`. Raises Broken."""
    verify_checkpoints(found, using)
    ids = WorkflowRun.objects.using(using).order_by("id").values_list("id", flat=True)
    with _streamed(ids) as streamed:
        for some in _in_parts(streamed, RUNS_AT_ONCE):
            verify_runs(some, found, using)


def verify_runs(run_ids: Sequence[UUID], found: Whole, using: str = DEFAULT_DB_ALIAS) -> None:
    """Look at the chains of these runs; counts in `found`. Raises Broken."""
    told = Told.of(run_ids, using)
    runs = _chained(run_ids, using)
    events = RunEvent.objects.using(using).filter(run__in=run_ids).order_by("run_id", "sequence")
    with _streamed(events.values_list(*Row._fields)) as streamed:
        for run_id, rows in groupby((Row(*row) for row in streamed), key=attrgetter("run")):
            for row in _links(runs[run_id], rows):
                told.hear(row)
                found.events += 1
    for run in runs.values():
        _refuse_missing(run)
        found.runs += 1
    lie = told.first_lie()
    if lie:
        raise Broken(lie)


def verify_checkpoints(found: Whole, using: str = DEFAULT_DB_ALIAS) -> None:
    """Look at each checkpoint: its number, its predecessor, what it seals, who signed it. Raises Broken."""
    keys, previous = trusted_keys(), ""
    with _streamed(Checkpoint.objects.using(using).order_by("number")) as checkpoints:
        for number, checkpoint in enumerate(checkpoints, 1):
            wrong = _wrong(checkpoint, number, previous, keys)
            if wrong:
                raise Broken(f"checkpoint {checkpoint.number}: {wrong}")
            previous = checkpoint.digest
            found.checkpoints += 1


def _wrong(checkpoint: Checkpoint, number: int, previous: str, keys: set[str]) -> str:
    """What is not as it must be; nothing where all is well."""
    said = statement(checkpoint)
    if checkpoint.number != number:
        return f"number {number} is missing before it"
    if checkpoint.previous != previous:
        return "it does not carry the digest of the one before"
    if checkpoint.digest != digest(said):
        return "its digest is not that of what it says"
    sealed = list(checkpoint.sealed.values_list("run_id", "position", "digest"))
    if len(sealed) != checkpoint.heads or merkle.root(leaves(sealed)) != checkpoint.root:
        return "it does not seal what is kept of it"
    if not is_signed(checkpoint.key, said, checkpoint.signature):
        return "its signature is not that of its key"
    return "" if checkpoint.key in keys else f"its key {checkpoint.key} is not one that is trusted"


def _chained(run_ids: Sequence[UUID], using: str) -> dict[UUID, Chained]:
    ends = WorkflowRun.objects.using(using).filter(id__in=run_ids).order_by("id")
    runs = {}
    for run_id, length, head in ends.values_list("id", "chain_length", "chain_head"):
        runs[run_id] = Chained(id=run_id)
        if length:
            runs[run_id].ends[length].append((head, "the run"))
    sealed = SealedHead.objects.using(using).filter(run__in=run_ids)
    for run_id, position, head, number in sealed.values_list("run_id", "position", "digest", "checkpoint_id"):
        runs[run_id].ends[position].append((head, f"checkpoint {number}"))
    return runs


def _links(run: Chained, rows: Iterable[Row]) -> Iterator[Row]:
    """A run's events, as far as the chain holds."""
    head = chain.START
    for row in rows:
        wrong = _difference(run, head, row)
        if wrong:
            raise Broken(f"{row.where} (position {row.position}): {wrong}")
        run.ends.pop(row.position, None)
        head = chain.Head(digest=row.digest, length=row.position)
        yield row


def _difference(run: Chained, head: chain.Head, row: Row) -> str:
    """In what an event differs from what must stand there; nothing where all is well."""
    if row.position != head.length + 1:
        return f"it comes after position {head.length}: what stood between is missing, or moved"
    if row.previous != head.digest:
        return "it does not carry the digest of the one before: that one is another, or was changed"
    if row.digest != chain.linked(chain.content(row.facts), row.previous):
        return "its digest is not that of what it says: it was changed"
    others = [who for known, who in run.ends.get(row.position, ()) if known != row.digest]
    return f"it is not the event that {others[0]} knows" if others else ""


def _refuse_missing(run: Chained) -> None:
    if run.ends:
        position = min(run.ends)
        who = run.ends[position][0][1]
        raise Broken(f"run {run.id}: the event at position {position} is missing, of which {who} knows")


def _streamed(rows: Any) -> "closing[Generator[Any, None, None]]":
    """The rows of a query, some at a time; the database's cursor is closed where it stops before their end."""
    return closing(rows.iterator(chunk_size=ROWS_AT_ONCE))


def _in_parts(items: Iterable[UUID], size: int) -> Iterator[list[UUID]]:
    part: list[UUID] = []
    for item in items:
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
