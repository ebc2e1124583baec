"""Reads the event log behind a cursor: every event once, none missed; when to look is `bus`'s to say.

PostgreSQL hands out sequence numbers before the commit, so that 8 may become visible before 7. A number that
was jumped over is therefore looked for again until it appears, or until no transaction that old is thinkable:
then it was rolled back.
"""

import time
from datetime import timedelta

from django.db import connections
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from workflows.models import RunEvent

BATCH = 500
WINDOW = 1000
PATIENCE = 300.0
LATE = timedelta(seconds=5)


def latest(using: str = "default") -> int:
    """The highest sequence number in the log, 0 while it is empty."""
    return RunEvent.objects.using(using).aggregate(last=Max("sequence"))["last"] or 0


def unseen(after: int, using: str = "default") -> QuerySet[RunEvent]:
    """What a reader may not know whose highest number is `after`; on PostgreSQL that has some it does know.

    A lower number may have become visible after a higher one; such rows are at most seconds old.
    """
    events = RunEvent.objects.using(using)
    if connections[using].vendor != "postgresql":
        return events.filter(sequence__gt=after)
    late = Q(sequence__gt=after - WINDOW, created_at__gt=timezone.now() - LATE)
    return events.filter(Q(sequence__gt=after) | late)


class Tail:
    """A reader of the events after `after`, or of those to come. For one thread at a time."""

    def __init__(self, using: str = "default", after: int | None = None) -> None:
        self._using = using
        self.cursor = latest(using) if after is None else after
        # Jumped over, and when that was noticed. What is under way right now counts as jumped over too.
        self._gaps: dict[int, float] = {}
        self._jump(self.cursor - WINDOW, self.cursor + 1)
        for sequence in self._between(self.cursor - WINDOW, self.cursor):
            self._gaps.pop(sequence, None)

    def read(self) -> list[RunEvent]:
        """The events that were not read before, lowest number first, a batch at a time; then nothing."""
        self._forget()
        new = Q(sequence__gt=self.cursor)
        wanted = new | Q(sequence__in=list(self._gaps)) if self._gaps else new
        events = list(RunEvent.objects.using(self._using).filter(wanted).order_by("sequence")[:BATCH])
        for event in events:
            self._note(event.sequence)
        return events

    def _note(self, sequence: int) -> None:
        self._gaps.pop(sequence, None)
        if sequence > self.cursor:
            self._jump(self.cursor, sequence)
            self.cursor = sequence

    def _jump(self, after: int, before: int) -> None:
        now = time.monotonic()
        self._gaps.update(dict.fromkeys(range(max(after + 1, before - WINDOW, 1), before), now))

    def _forget(self) -> None:
        horizon = time.monotonic() - PATIENCE
        self._gaps = {sequence: seen for sequence, seen in self._gaps.items() if seen > horizon}

    def _between(self, after: int, until: int) -> list[int]:
        events = RunEvent.objects.using(self._using).filter(sequence__gt=after, sequence__lte=until)
        return list(events.values_list("sequence", flat=True))
