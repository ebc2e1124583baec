"""Timekeeping: whether the clock of this process is right, which is to say: whether it is the database's.

The ends of leases, deadlines and reminders are moments that one machine writes and others compare with their clocks. A
worker whose clock is ahead would take runs that others are driving and answer for people who still have time; one
whose clock is behind would lose its runs. So it claims nothing and leads no sweep until its clock is right again. An
SQLite file has no clock of its own, and nobody elsewhere who has another one.
"""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from workflows.store.claims import lease

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks
# A clock that goes by so many seconds otherwise than time does was set: it is looked at again at once.
STEPPED = 1.0


def time_of_database(using: str = DEFAULT_DB_ALIAS) -> datetime:
    """What the clock of a PostgreSQL server says."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return there


def ahead_of_database(using: str = DEFAULT_DB_ALIAS) -> timedelta:
    """By how much the clock here is ahead of the database's, at least; negative where it is behind. One query."""
    if connections[using].vendor != "postgresql":
        return timedelta()
    before, there = timezone.now(), time_of_database(using)
    return max(before - there, timedelta()) + min(timezone.now() - there, timedelta())


class Timekeeper:
    """What one process knows of its clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = self._offset = float("-inf")
        self._is_right = True
        self.ahead = timedelta()

    def is_right(self) -> bool:
        """Whether the clock differs from the database's by a third of a lease at most; a query every few seconds."""
        with self._lock:
            passed = time.monotonic()
            offset = timezone.now().timestamp() - passed
            if passed - self._looked_at >= EVERY or abs(offset - self._offset) > STEPPED:
                self.ahead = ahead_of_database()
                self._looked_at, self._offset = passed, offset
                self._tell()
            return self._is_right

    def now(self) -> datetime:
        """The time, also where the clock here is wrong."""
        return timezone.now() if self._is_right else timezone.now() - self.ahead

    def _tell(self) -> None:
        is_right = abs(self.ahead) <= lease() / 3
        if is_right and not self._is_right:
            log.warning("the clock here is that of the database again: this worker takes runs")
        elif self._is_right and not is_right:
            log.warning(
                "the clock here is %.0f s %s the database's: this worker takes no runs until it is right",
                abs(self.ahead.total_seconds()),
                "ahead of" if self.ahead > timedelta() else "behind",
            )
        self._is_right = is_right


# That of this process.
KEEPER = Timekeeper()
