"""Speech: what models are saying right now, for pages that are open. Nobody needs it later: the turn, once it is
kept, says it all, and then the pieces are deleted. Outside the event log, and no part of what happened.

Whoever drives a run writes pieces; `Ear` tells every web process in which runs something was said.
"""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Max
from django.utils import timezone

from workflows.bus import SPEECH, ring

PATH = 1000


class Piece(models.Model):
    """A few words of the turn that an agent is at. `path` is the agent's."""

    sequence = models.BigAutoField(primary_key=True)
    run = models.ForeignKey("workflows.WorkflowRun", on_delete=models.CASCADE, related_name="pieces")
    path = models.CharField(max_length=PATH)
    text = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["sequence"]

    def __str__(self) -> str:
        return self.text


class Ear:
    """Hears of the pieces that are written from now on. For one thread at a time.

    A number that becomes visible after a higher one is not heard of: whoever reads a run's pieces reads all of them.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self._pieces = Piece.objects.using(using)
        self._cursor = self._pieces.aggregate(last=Max("sequence"))["last"] or 0

    def listen(self) -> set[UUID]:
        """The runs in which something was said since the last time."""
        said = list(self._pieces.filter(sequence__gt=self._cursor).values_list("sequence", "run"))
        self._cursor = max((sequence for sequence, _ in said), default=self._cursor)
        return {run_id for _, run_id in said}


def say(run_id: UUID, said: Mapping[str, str], using: str = DEFAULT_DB_ALIAS) -> None:
    """Write down what agents have said, by their paths, and tell who listens."""
    now = timezone.now()
    rows = [Piece(run_id=run_id, path=path, text=text, said_at=now) for path, text in said.items()]
    Piece.objects.using(using).bulk_create(rows)
    connection = connections[using]
    if connection.vendor == "postgresql":  # on SQLite the commit alone is noticed
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {SPEECH}")
    ring(using)


def being_said(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """What is being said in a run, by the path of the agent; in the order in which they began."""
    said: dict[str, str] = {}
    for path, text in Piece.objects.using(using).filter(run=run_id).values_list("path", "text"):
        said[path] = said.get(path, "") + text
    return said
