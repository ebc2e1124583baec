"""How any process notices that another one has committed something; what it was, it reads from the tables.

A watch only says "look again", never what for. It may say so too often; a commit between two waits is not
missed, so: open the watch, look, wait, look. SQLite has no notifications: a connection of its own compares
`PRAGMA data_version`, which changes with the commits of all other connections and costs microseconds.
PostgreSQL tells through LISTEN what the trigger of `append_only` sends for every event. What models are saying has
a channel of its own there, which wakes pages and no worker.

Where web processes are so many that each one's own watch is too much, bells are hung beside that: whoever writes
something that others look for calls `ring`.
"""

from collections.abc import Callable
from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, connections, transaction

CHANNEL = "hitl_events"
SPEECH = "hitl_speech"

_bells: list[Callable[[], None]] = []


def hang(bell: Callable[[], None]) -> None:
    """From now on call this function, which must return at once, after each commit that others look for."""
    _bells.append(bell)


def ring(using: str) -> None:
    """Others look for what was just written; they hear of it when it is committed. Without a bell it costs nothing."""
    for bell in _bells:
        transaction.on_commit(bell, using=using, robust=True)


def tell(using: str = DEFAULT_DB_ALIAS, channel: str = CHANNEL) -> None:
    """Have all who watch look, once this is committed. For what is in no event: the log's trigger tells of those."""
    connection = connections[using]
    if connection.vendor == "postgresql":  # on SQLite the commit alone is noticed
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {channel}")
    ring(using)


class Watch(Protocol):
    """Waits for commits of others."""

    def wait(self, timeout: float) -> bool:
        """Block until something may have changed; False when `timeout` seconds passed, or it was closed."""

    def close(self) -> None:
        """End a wait that is under way, and let the connection go. For any thread and signal handler."""


def watch(using: str = "default", channels: tuple[str, ...] = (CHANNEL,)) -> Watch:
    """The watch for a database alias, on a connection of its own; it outlives a database that goes away."""
    from workflows import watching  # here, because scripts never watch, and psycopg takes 10 MB

    params = connections[using].get_connection_params()
    if connections[using].vendor == "sqlite":
        return watching.SqliteWatch(params["database"])
    return watching.PostgresWatch(params, channels)
