"""Personal: what concerns one person alone, and is no event of a run: their pages are told when it has changed.

A part of the portal says how it stands with each of some people (`watch_for`), and calls the pages when it has written
something (`call`). Pages are told the name of what has changed, and fetch it themselves.
"""

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


def names() -> list[str]:
    """What there is to be told."""
    return list(_looks)


def call() -> None:
    """When what was just written is committed, the pages look. On SQLite the commit alone is noticed."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")
    bus.ring(DEFAULT_DB_ALIAS)


class Watcher:
    """Finds out for whom something has changed. For one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Hashable]] = {}

    def changed(self, people: Collection[int]) -> set[tuple[int, str]]:
        """Who, of these, and what; somebody new counts as changed. A query for each name."""
        found: set[tuple[int, str]] = set()
        for name, look in _looks.items() if people else ():
            stands = look(people)
            before = self._known.get(name, {})
            now = {person: stands.get(person) for person in people}
            found |= {(person, name) for person in people if before.get(person, self) != now[person]}
            self._known[name] = now
        return found
