"""Spent: how long a place was at work and how long it waited for people, from its record and from what was asked in it.

A step's record begins when the run comes to it and ends when it is done; in between people may have thought about it
for days. What is asked inside a place counts for it too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Q
from django.utils import timezone

from hitl_portal.places import Place
from workflows.models import Requirement, StepRecord, WorkflowRun

MOST_WAITS = 1000
NOTHING = timedelta(0)


class Span(NamedTuple):
    """A stretch of time."""

    begun: datetime
    ended: datetime


@dataclass(frozen=True, kw_only=True)
class Spent:
    """One place: all of it, when it waited in that, and whether it goes on."""

    span: Span
    waits: tuple[Span, ...]
    is_open: bool

    @property
    def waited(self) -> timedelta:
        """How long it waited for people."""
        return sum((wait.ended - wait.begun for wait in self.waits), NOTHING)

    @property
    def worked(self) -> timedelta:
        """The rest."""
        return self.span.ended - self.span.begun - self.waited

    @property
    def work(self) -> list[Span]:
        """When it did not wait."""
        edges = [self.span.begun, *(edge for wait in self.waits for edge in wait), self.span.ended]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [Span(begun, ended) for begun, ended in pairs if ended > begun]


Waits = Mapping[str, list[Span]]


def waits_of(run: WorkflowRun, now: datetime | None = None) -> Waits:
    """When the run waited for people, by the path of each place that waited with it; the newest, in one query."""
    decided = Max("decisions__decided_at", filter=Q(decisions__closes=True))
    # What is kept of the run before has waited there.
    here = Q(run=run.id) | Q(run=run.forked_from_id, status=Requirement.Status.APPLIED)
    asked = Requirement.objects.filter(here if run.forked_from_id else Q(run=run.id))
    ended = asked.annotate(decided_at=decided).order_by("-opened_at")
    found: dict[str, list[Span]] = defaultdict(list)
    end = run.finished_at or now or timezone.now()
    rows = ended.values_list("path", "status", "opened_at", "decided_at")[:MOST_WAITS]
    for path, status, opened, at in rows:
        until = at if at is not None and status != Requirement.Status.OPEN else end
        steps = path.split("/")
        for depth in range(len(steps) + 1):
            found["/".join(steps[:depth])].append(Span(opened, until))
    return found


def spent(record: StepRecord, waits: Waits, end: datetime) -> Spent:
    """What became of the time of a place; `end` is when the run ended, or now."""
    span = Span(record.started_at, record.finished_at or max(end, record.started_at))
    return Spent(
        span=span, waits=tuple(joined(waits.get(record.path, ()), span)), is_open=record.finished_at is None
    )


def spent_in(run: WorkflowRun, places: Iterable[Place]) -> dict[str, Spent]:
    """What became of the time of places that have begun, by path; one query."""
    now = timezone.now()
    waits, end = waits_of(run, now), run.finished_at or now
    return {place.path: spent(place.record, waits, end) for place in places if place.record is not None}


def joined(spans: Iterable[Span], within: Span) -> list[Span]:
    """The stretches inside another one, in order, without overlaps."""
    found: list[Span] = []
    for span in sorted(spans):
        begun, ended = max(span.begun, within.begun), min(span.ended, within.ended)
        if ended <= begun:
            continue
        if found and begun <= found[-1].ended:
            found[-1] = Span(found[-1].begun, max(ended, found[-1].ended))
        else:
            found.append(Span(begun, ended))
    return found
