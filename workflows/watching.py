"""The two watches of `bus`: one compares a number of SQLite, the other listens to PostgreSQL. Neither knows a table."""

import sqlite3
import time
from threading import Lock
from typing import Any

import psycopg

POLL = 0.02
SLICE = 0.1
BACKOFF = (0.1, 5.0)


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

    def __init__(self, params: dict[str, Any], channels: tuple[str, ...]) -> None:
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
