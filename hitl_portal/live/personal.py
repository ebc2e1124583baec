"""Personal: what concerns one person alone, and is no event of a run: their pages are told when it has changed.

A part of the portal says how it stands with each of some people (`watch_for`), and calls the pages when it has written
something (`call`). Pages are told the name of what has changed, and fetch it themselves.
"""

import threading
from collections.abc import Callable, Collection, Hashable, Mapping

from django.db import DEFAULT_DB_ALIAS, connections

from workflows import bus

CHANNEL = "hitl_personal"

# How it stands with each of these people, by their ids; one query. Who is not in it stands as nobody does.
Look = Callable[[Collection[int]], Mapping[int, Hashable]]

_looks: dict[str, Look] = {}


def watch_for(name: str, look: Look) -> None:
    """Tell people's pages, under this name, when what this function says of them is another."""
    _looks[name] = look


def call() -> None:
    """When what was just written is committed, the pages look. On SQLite the commit alone is noticed."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")
    bus.ring(DEFAULT_DB_ALIAS)


class Watcher:
    """Finds out for whom something has changed since they came; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[int, str], Hashable] = {}

    def meet(self, person: int) -> None:
        """Note how it stands with somebody who comes. A query for each name, unless they are here already."""
        with self._lock:
            self._known = _stand([person]) | self._known

    def changed(self, people: Collection[int]) -> set[tuple[int, str]]:
        """Who, of those who are here now, and what; a query for each name. Others are forgotten."""
        with self._lock:
            before, self._known = self._known, _stand(people)
            return {key for key, now in self._known.items() if before.get(key, now) != now}


def _stand(people: Collection[int]) -> dict[tuple[int, str], Hashable]:
    found: dict[tuple[int, str], Hashable] = {}
    for name, look in _looks.items() if people else ():
        stands = look(people)
        found |= {(person, name): stands.get(person) for person in people}
    return found
