"""Drawing a run's time: each step a bar, with work and waiting told apart, along one axis.

A person's days would make the program's seconds invisible. On the `folded` axis stretches in which nothing was at work
are narrow, and marked as cut; on the other one a second is everywhere as long.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hitl_portal.places import Place
from hitl_portal.runs.spent import Span, Spent, Waits, joined, spent
from workflows.models import WorkflowRun

WIDTH = 1000
LEAST = 4  # what is there can be seen
FOLD = 60  # how wide a stretch is at most in which nothing was at work
MOST_BARS = 150


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a bar; `tone` is work or wait."""

    x: int
    width: int
    tone: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: how deep it stands in the tree, and what became of its time."""

    place: Place
    depth: int
    spent: Spent


@dataclass(frozen=True, kw_only=True)
class Bar(Step):
    """A step as it is drawn."""

    parts: list[Part]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """All bars. `earlier` counts the steps that are not drawn; `cuts` are where the axis is folded; `now` is where a
    run stands that goes on. In the `gaps`, which are `idle` together, nobody worked and nobody was waited for: the run
    was in the queue, or a worker was away."""

    bars: list[Bar]
    earlier: int
    whole: Spent
    cuts: list[Part]
    gaps: list[Part]
    now: int | None
    is_folded: bool
    idle: timedelta
    at_work: timedelta


class Axis:
    """Where a moment is, from 0 to WIDTH."""

    def __init__(self, whole: Span, busy: list[Span], *, folded: bool) -> None:
        edges = sorted({whole.begun, whole.ended, *(edge for span in busy for edge in span)})
        at_work = {span.begun: span.ended for span in busy}
        lengths, self.folded = [], list[int]()
        total = sum((span.ended - span.begun).total_seconds() for span in busy) or 1.0
        for number, (begun, ended) in enumerate(pairwise(edges)):
            length = (ended - begun).total_seconds()
            most = total * FOLD / WIDTH
            if folded and begun not in at_work and length > most:
                length = most
                self.folded.append(number)
            lengths.append(length)
        self._edges, scale = edges, WIDTH / (sum(lengths) or 1.0)
        self._places = [0.0]
        for length in lengths:
            self._places.append(self._places[-1] + length * scale)

    def __call__(self, at: datetime) -> float:
        number = max(0, min(bisect_right(self._edges, at) - 1, len(self._edges) - 2))
        if len(self._edges) < 2:
            return 0.0
        begun, ended = self._edges[number], self._edges[number + 1]
        share = min(1.0, max(0.0, (at - begun) / (ended - begun)))
        return self._places[number] + share * (self._places[number + 1] - self._places[number])

    def part(self, span: Span, tone: str) -> Part:
        """A stretch of time as a piece of a bar."""
        x, end = self(span.begun), self(span.ended)
        width = max(LEAST, round(end - x))
        return Part(x=min(round(x), WIDTH - width), width=width, tone=tone)

    def cuts(self) -> list[Part]:
        """The stretches that are narrower than they were long."""
        return [self.part(Span(self._edges[n], self._edges[n + 1]), "cut") for n in self.folded]


def drawing_of(
    run: WorkflowRun, places: Iterable[Place], waits: Waits, *, now: datetime, folded: bool
) -> Drawing:
    """The drawing of the steps that have begun, the newest of very many."""
    end = run.finished_at or now
    found = [
        Step(place=place, depth=depth, spent=spent(place.record, waits, end))
        for place, depth in _deep(places)
        if place.record is not None
    ]
    shown = found[-MOST_BARS:]
    whole = _whole(run, found, waits, end)
    leaves = [step for step in shown if not step.place.children]
    busy = joined((span for step in leaves for span in step.spent.work), whole.span)
    axis = Axis(whole.span, busy, folded=folded)
    own = Span(max(whole.span.begun, min(run.created_at, whole.span.ended)), whole.span.ended)
    idle = _between([*busy, *whole.waits], own)
    gaps = [axis.part(span, "gap") for span in idle]
    return Drawing(
        bars=[_bar(step, axis) for step in shown],
        earlier=len(found) - len(shown),
        whole=whole,
        cuts=axis.cuts(),
        gaps=[part for part in gaps if part.width > LEAST],
        now=None if run.is_finished else round(axis(end)),
        is_folded=folded,
        idle=_length(idle),
        at_work=_length(busy),
    )


def _deep(places: Iterable[Place], depth: int = 0) -> Iterator[tuple[Place, int]]:
    """The places and everything inside them, each with how deep it stands."""
    for place in places:
        yield place, depth
        yield from _deep(place.children, depth + 1)


def _length(spans: list[Span]) -> timedelta:
    return sum((span.ended - span.begun for span in spans), timedelta(0))


def _whole(run: WorkflowRun, found: list[Step], waits: Waits, end: datetime) -> Spent:
    """The run itself; what is kept of another run came before it."""
    begun = min([run.created_at, *(step.spent.span.begun for step in found)])
    span = Span(begun, max([end, *(step.spent.span.ended for step in found)]))
    return Spent(span=span, waits=tuple(joined(waits.get("", ()), span)), is_open=not run.is_finished)


def _between(spans: list[Span], whole: Span) -> list[Span]:
    """The stretches that none of these covers."""
    taken = joined(spans, whole)
    edges = [whole.begun, *(edge for span in taken for edge in span), whole.ended]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Span(begun, ended) for begun, ended in pairs if ended > begun]


def _bar(step: Step, axis: Axis) -> Bar:
    spent = step.spent
    waits = [axis.part(span, "wait") for span in spent.waits]
    # What took no time can be seen too.
    work = [axis.part(span, "work") for span in (spent.work if spent.work or waits else [spent.span])]
    return Bar(place=step.place, depth=step.depth, spent=spent, parts=[*work, *waits])
