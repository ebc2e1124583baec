"""Presence: keeps who looks at what, and finds out what of it has changed, in whichever process.

Rows are written when somebody comes, goes, begins or stops to write, and all of a process's together now and then,
so that those of a process that died can be told from the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from hitl_portal import access
from hitl_portal.live.models import Presence
from workflows import bus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHANNEL = "hitl_presence"
BEAT = 20.0  # seconds; a third of what counts as still here


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Somebody looks at a requirement."""

    run_id: UUID
    requirement_id: UUID
    person_id: int
    is_writing: bool


def look(socket: UUID, person: "User", requirement_id: UUID, *, is_writing: bool) -> None:
    """Say that a page shows this; of what the person may not see nobody is told."""
    if not access.visible_requirements(person).filter(id=requirement_id).exists():
        return leave(socket)
    said = {"requirement_id": requirement_id, "person": person, "is_writing": is_writing}
    Presence.objects.update_or_create(socket=socket, defaults=said | {"seen_at": timezone.now()})
    return bus.tell(channel=CHANNEL)


def leave(socket: UUID) -> None:
    """Say that a page shows it no longer, or is closed."""
    if Presence.objects.filter(socket=socket).delete()[0]:
        bus.tell(channel=CHANNEL)


def beat(sockets: Iterable[UUID]) -> None:
    """Say that these pages are still open, and forget those of processes that died."""
    now = timezone.now()
    Presence.objects.filter(socket__in=list(sockets)).update(seen_at=now)
    here = Presence.objects.here(now).values("socket")
    Presence.objects.exclude(socket__in=here).delete()


class Watcher:
    """Finds where somebody came, went, or began or stopped to write. For one thread at a time."""

    def __init__(self) -> None:
        self._known = self._read()

    def changed(self) -> set[tuple[UUID, UUID]]:
        """Runs and requirements at which something is different since the last time; one query."""
        before, self._known = self._known, self._read()
        return {(seen.run_id, seen.requirement_id) for seen in before ^ self._known}

    def _read(self) -> frozenset[Seen]:
        rows = Presence.objects.here(timezone.now()).values_list(
            "requirement__run", "requirement", "person", "is_writing"
        )
        return frozenset(
            Seen(run_id=run, requirement_id=requirement, person_id=person, is_writing=is_writing)
            for run, requirement, person, is_writing in rows
        )
