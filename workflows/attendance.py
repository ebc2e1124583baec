"""Attendance: which worker processes are there, and which one of them leads. Nothing of it lasts: outside the log."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

NAME = 200
BEAT = timedelta(seconds=5)  # between two signs of life
MISSING = 3 * BEAT  # after so long without one a process counts as gone


class WorkerBeat(models.Model):
    """The last sign of life of one worker process. A clean stop deletes it; others are pruned.

    `concurrency` is 0 while it takes no runs, as its clock is not the database's.
    """

    name = models.CharField(max_length=NAME, primary_key=True, help_text="host:process")
    transport = models.CharField(max_length=30)
    workflows = models.JSONField(default=list, help_text="The names of those whose code it has.")
    concurrency = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime | None = None) -> bool:
        """It has given a sign of life lately."""
        return self.seen_at > (now or timezone.now()) - MISSING


class Lead(models.Model):
    """Who does what only one process need do, and until when if nothing more is heard. Taken by compare-and-set."""

    duty = models.CharField(max_length=NAME, primary_key=True)
    owner = models.CharField(max_length=NAME)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.duty}: {self.owner}"


def take_lead(duty: str, owner: str, lasting: timedelta) -> bool:
    """Lead for a while (longer), where nobody else does; at most one statement changes anything."""
    now = timezone.now()
    leads = Lead.objects.filter(duty=duty)
    # Nobody leads for longer than that at a time: a later end was set by a clock that was ahead.
    free = models.Q(owner=owner) | models.Q(until__lte=now) | models.Q(until__gt=now + 2 * lasting)
    if leads.filter(free).update(owner=owner, until=now + lasting):
        return True
    if leads.exists():
        return False
    Lead.objects.bulk_create([Lead(duty=duty, owner=owner, until=now + lasting)], ignore_conflicts=True)
    return leads.filter(owner=owner).exists()


def leave(owner: str) -> None:
    """Give everything up: whoever comes next leads at once."""
    Lead.objects.filter(owner=owner).delete()
    WorkerBeat.objects.filter(name=owner).delete()


def prune(keep: timedelta = timedelta(hours=1)) -> int:
    """Delete the rows of processes that died long ago; how many."""
    return WorkerBeat.objects.filter(seen_at__lt=timezone.now() - keep).delete()[0]
