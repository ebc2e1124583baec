"""How any process notices that another one has committed something; what it was, it reads from the tables.

A watch only says "look again", never what for. It may say so too often; a commit between two waits is not
missed, so: open the watch, look, wait, look. SQLite has no notifications: a connection of its own compares
`PRAGMA data_version`, which changes with the commits of all other connections and costs microseconds.
PostgreSQL tells through LISTEN what the trigger of `append_only` sends for every event. What models are saying has
a channel of its own there, which wakes pages and no worker.

Where web processes are so many that each one's own watch is too much, bells are hung beside that: whoever writes
something that others look for calls `ring`.
"""

import sqlite3
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

import psycopg
from django.db import connections, transaction

CHANNEL = "hitl_events"
SPEECH = "hitl_speech"
POLL = 0.02
SLICE = 0.1
BACKOFF = (0.1, 5.0)


_bells: list[Callable[[], None]] = []


def hang(bell: Callable[[], None]) -> None:
    """From now on call this function, which must return at once, after each commit that others look for."""
    _bells.append(bell)


def ring(using: str) -> None:
    """Others look for what was just written; they hear of it when it is committed. Without a bell it costs nothing."""
    for bell in _bells:
        transaction.on_commit(bell, using=using, robust=True)


class Watch(Protocol):
    """Waits for commits of others."""

    def wait(self, timeout: float) -> bool:
        """Block until something may have changed; False when `timeout` seconds passed, or it was closed."""

    def close(self) -> None:
        """End a wait that is under way, and let the connection go. For any thread and signal handler."""


def watch(using: str = "default", channels: tuple[str, ...] = (CHANNEL,)) -> Watch:
    """The watch for a database alias, on a connection of its own; it outlives a database that goes away."""
    params = connections[using].get_connection_params()
    if connections[using].vendor == "sqlite":
        return SqliteWatch(params["database"])
    return PostgresWatch(params, channels)


class _Watch:
    # The flag is a plain attribute, and close() never blocks on the lock: a signal handler may call it while
    # the thread that it interrupted waits.
    def __init__(self) -> None:
        self._closed = False
        self._waiting = Lock()

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        with self._waiting:
            changed = self._look_until(deadline)
        if self._closed:
            self._release()
        return changed

    def close(self) -> None:
        self._closed = True
        self._release()

    def _look_until(self, deadline: float) -> bool:
        while not self._closed:
            left = max(0.0, deadline - time.monotonic())
            if self._look(left):
                return True
            if not left:
                return False
        return False

    def _release(self) -> None:
        """Disconnect, unless a thread waits: then it does so when it leaves."""
        if self._waiting.acquire(blocking=False):
            try:
                self._disconnect()
            finally:
                self._waiting.release()

    def _look(self, left: float) -> bool:
        """Whether something may have changed; takes a moment, at most `left` seconds."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        raise NotImplementedError


class SqliteWatch(_Watch):
    """Compares the file's version number every few milliseconds."""

    def __init__(self, database: Any) -> None:
        super().__init__()
        self._connection = sqlite3.connect(
            database, uri=True, timeout=1, isolation_level=None, check_same_thread=False
        )
        self._seen = self._version()

    def _look(self, left: float) -> bool:
        version = self._version()
        if version == self._seen:
            time.sleep(min(POLL, left))
            return False
        self._seen = version
        return True

    def _version(self) -> int:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.OperationalError:  # somebody recovers or replaces the file just now: say "look again"
            time.sleep(POLL)
            return -1

    def _disconnect(self) -> None:
        self._connection.close()


class PostgresWatch(_Watch):
    """Listens for notifications. A server that went away is tried again; its return counts as a change."""

    def __init__(self, params: dict[str, Any], channels: tuple[str, ...] = (CHANNEL,)) -> None:
        super().__init__()
        self._channels = channels
        kept = {key: value for key, value in params.items() if key not in {"context", "cursor_factory"}}
        # A server that vanishes without a word is found out within a minute.
        self._params = {"keepalives_idle": 30, "keepalives_interval": 10, "connect_timeout": 5, **kept}
        self._connection: psycopg.Connection[Any] | None = None
        self._pause, self._next_try = BACKOFF[0], 0.0
        self._connect()

    def _look(self, left: float) -> bool:
        if self._connection is None:
            time.sleep(min(POLL, left))
            return self._connect()
        try:
            return any(True for _ in self._connection.notifies(timeout=min(SLICE, left), stop_after=1))
        except psycopg.OperationalError:
            self._disconnect()
            return False

    def _connect(self) -> bool:
        if time.monotonic() < self._next_try:
            return False
        try:
            self._connection = psycopg.connect(**self._params, autocommit=True)
            for channel in self._channels:
                self._connection.execute(f"LISTEN {channel}")
        except psycopg.OperationalError:
            self._disconnect()
            self._pause = min(self._pause * 2, BACKOFF[1])
            self._next_try = time.monotonic() + self._pause
            return False
        self._pause = BACKOFF[0]
        return True

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
