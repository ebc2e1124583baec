"""Chain: each event of a run carries the digest of the one before it, so that none can be changed or taken out unseen.

An event's content is the canonical JSON of its lasting fields; its digest is made of the content's digest and of its
predecessor's digest. What is after an event can so be proven by digests alone, without telling what it was.

Knows no database. Whoever appends holds the run's lock: a run has one chain, and no run waits for another one's.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from workflows.canonical import canonical, quoted

# The lasting fields of an event, in the order in which `content` wants them.
FACTS = ("id", "run", "type", "path", "requirement", "actor", "data", "created_at")
# What the chain adds to them.
LINKS = ("position", "previous", "digest")


class Row(NamedTuple):
    """An event as a database keeps it."""

    sequence: int
    position: int
    previous: str
    digest: str
    id: UUID
    run: UUID
    type: str
    path: str
    requirement: UUID | None
    actor: str
    data: dict[str, Any]
    created_at: datetime

    @property
    def facts(self) -> tuple[Any, ...]:
        """Its fields by FACTS."""
        return self[-len(FACTS) :]

    @property
    def where(self) -> str:
        """Which event it is, in words."""
        return f"run {self.run}, event {self.sequence}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where a chain ends: the digest of its last event, and how many there are."""

    digest: str
    length: int


START = Head(digest="", length=0)


def told(facts: Sequence[Any]) -> dict[str, Any]:
    """The fields as data, as receipts show them."""
    event_id, run, type, path, requirement, actor, data, created_at = facts
    return {
        "id": str(event_id),
        "run": str(run),
        "type": type,
        "path": path,
        "requirement": None if requirement is None else str(requirement),
        "actor": actor,
        "data": data,
        "created_at": moment(created_at),
    }


def moment(at: datetime) -> str:
    """A moment as both databases keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def content(facts: Sequence[Any]) -> str:
    """The digest of what an event says: that of `told`, whose text is put together here: every save does it."""
    event_id, run, type, path, requirement, actor, data, created_at = facts
    asked = "null" if requirement is None else f'"{requirement}"'
    text = (
        f'{{"actor":{quoted(actor)},"created_at":"{moment(created_at)}","data":{canonical(data).decode()},'
        f'"id":"{event_id}","path":{quoted(path)},"requirement":{asked},"run":"{run}","type":{quoted(type)}}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()


def linked(content: str, previous: str) -> str:
    """The digest of an event with this content after that one; canonical JSON, too."""
    return hashlib.sha256(f'{{"content":"{content}","previous":"{previous}"}}'.encode()).hexdigest()


def append(head: Head, events: Iterable[Sequence[Any]]) -> tuple[list[tuple[Any, ...]], Head]:
    """The events, by their FACTS, with their LINKS added; and where the chain ends then."""
    rows = []
    for facts in events:
        after = Head(digest=linked(content(facts), head.digest), length=head.length + 1)
        rows.append((*facts, after.length, head.digest, after.digest))
        head = after
    return rows, head
