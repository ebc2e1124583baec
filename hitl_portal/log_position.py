"""How far somebody has read the event log, kept in a row: each event once, none missed, whichever process reads.

PostgreSQL hands out sequence numbers before the commit, so that 8 may become visible before 7 (see `workflows.tail`).
Numbers that were jumped over are kept with the position and looked for until they appear, or until no transaction that
old is thinkable; whoever reads next, in whichever process, knows of them. The position is saved in the transaction that
writes what follows from the events, so that a death in between loses nothing.
"""

import time
from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Q

from workflows import tail
from workflows.models import RunEvent
from workflows.tail import BATCH, PATIENCE, WINDOW

ONE = 1


class LogPosition(models.Model):
    """One row. `gaps` are numbers that were jumped over, and when that was noticed."""

    sequence = models.BigIntegerField(default=0)
    gaps = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.sequence)

    @classmethod
    def has_news(cls) -> bool:
        """Whether there is something to read; two queries at most, and no transaction."""
        position = cls._default_manager.filter(pk=ONE).first()
        return position is None or bool(position.gaps) or tail.latest() > position.sequence

    @classmethod
    def locked(cls, since: int) -> Self:
        """Where to read on, locked; what was before `since` is for nobody."""
        position, _ = cls._default_manager.select_for_update().get_or_create(pk=ONE)
        if position.sequence < since:
            position.sequence, position.gaps = since, {}
        return position

    def read(self, types: Collection[str], most: int = BATCH) -> list[RunEvent]:
        """The next events of these types, run, workflow and requirement fetched along: at most so many, of a batch.

        The position moves on, over all others too; it is the caller's to save.
        """
        gaps = [int(number) for number in self.gaps]
        new = Q(sequence__gt=self.sequence)
        wanted = RunEvent.objects.filter(new | Q(sequence__in=gaps) if gaps else new)
        rows = list(wanted.order_by("sequence").values_list("sequence", "type")[:BATCH])
        told: list[int] = []
        for sequence, type in rows:
            self._note(sequence)
            if type in types:
                told.append(sequence)
            if len(told) == most:
                break
        # After the look, not before it: it may be long ago that anybody looked.
        self._forget()
        if not told:
            return []
        found = RunEvent.objects.filter(sequence__in=told).select_related("run__workflow", "requirement")
        return list(found.order_by("sequence"))

    def _note(self, sequence: int) -> None:
        self.gaps.pop(str(sequence), None)
        if sequence <= self.sequence:
            return
        jumped = range(max(self.sequence + 1, sequence - WINDOW), sequence)
        self.gaps |= {str(number): time.time() for number in jumped}
        self.sequence = sequence

    def _forget(self) -> None:
        horizon = time.time() - PATIENCE
        self.gaps = {number: noticed for number, noticed in self.gaps.items() if noticed > horizon}
