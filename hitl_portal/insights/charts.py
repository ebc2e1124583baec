"""Charts as data: what templates draw as SVG, with the words and numbers that stand beside each bar.

Widths and heights are whole parts of FULL, so that no language writes a decimal comma into an SVG. Every chart is, or
comes with, a table of the same numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hitl_portal.insights.counting import Load, Outcome, StepNumbers, Waiting

FULL = 1000
LEAST = 8  # what is there can be seen
WIDE, GAP = 10, 2  # a column, and what stays free of it
MOST_COLUMNS = 100
WEEK = 7

OUTCOMES = {
    Outcome.approved: gettext_lazy("Approved"),
    Outcome.changed: gettext_lazy("Approved with changes"),
    Outcome.mended: gettext_lazy("Error dealt with"),
    Outcome.rework: gettext_lazy("Sent back"),
    Outcome.rejected: gettext_lazy("Rejected"),
    Outcome.timed_out: gettext_lazy("Timed out"),
}
AGE_NAMES = (
    gettext_lazy("Less than 1 hour"),
    gettext_lazy("1 to 4 hours"),
    gettext_lazy("4 to 24 hours"),
    gettext_lazy("1 to 3 days"),
    gettext_lazy("3 to 7 days"),
    gettext_lazy("More than 7 days"),
)
AGE_TONES = ("calm", "calm", "calm", "warn", "warn", "bad")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a bar."""

    start: int
    length: int
    tone: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One line of a chart: what it is about, the bar, and its value in words."""

    name: str
    value: str
    of: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Column:
    """One day, or week: what was decided, in the order of OUTCOMES."""

    x: int
    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One outcome in all columns: `path` draws its pieces."""

    tone: str
    name: str
    total: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Columns side by side, up to `top`; `series` are the outcomes in the order of each column's `counts`."""

    columns: list[Column]
    top: int
    series: list[Series]

    by_week: bool = False

    @property
    def width(self) -> int:
        """In the units of the drawing."""
        return WIDE * len(self.columns)

    @property
    def total(self) -> int:
        """All decisions."""
        return sum(series.total for series in self.series)


def ages(numbers: Waiting) -> list[Bar]:
    """What waits now, by how long."""
    most = max(numbers.by_age)
    named = zip(AGE_NAMES, numbers.by_age, AGE_TONES, strict=True)
    return [_bar(str(name), count, most, tone=tone) for name, count, tone in named]


def days(numbers: Mapping[date, Counter[Outcome]]) -> Columns:
    """What was decided on each day; in each week, where the days would be too many to see."""
    columns = [
        Column(x=WIDE * at + GAP // 2, name=name, counts=tuple(counts[outcome] for outcome in OUTCOMES))
        for at, (name, counts) in enumerate(_spans(sorted(numbers.items())))
    ]
    top = _round_up(max((column.total for column in columns), default=0))
    series = [
        Series(
            tone=outcome,
            name=str(name),
            total=sum(column.counts[at] for column in columns),
            path="".join(_piece(column, at, top) for column in columns if column.counts[at]),
        )
        for at, (outcome, name) in enumerate(OUTCOMES.items())
    ]
    return Columns(columns=columns, top=top, series=series, by_week=len(columns) < len(numbers))


def times(numbers: Iterable[StepNumbers]) -> list[Bar]:
    """Median and 95th percentile of the time to a decision, for each step."""
    known = [(step, step.median, step.p95) for step in numbers if step.median is not None]
    most = max((p95 or 0 for _step, _median, p95 in known), default=0)
    bars = []
    for step, median, p95 in known:
        half, long = _scaled(median or 0, most), _scaled(p95 or 0, most)
        parts = (
            Part(start=0, length=half, tone="median"),
            Part(start=half, length=max(0, long - half), tone="p95"),
        )
        value = _("%(median)s · %(p95)s") % {"median": in_words(median or 0), "p95": in_words(p95 or 0)}
        bars.append(Bar(name=step.step, of=step.workflow, value=value, parts=parts))
    return bars


def timeouts(numbers: Iterable[StepNumbers]) -> list[Bar]:
    """The share of requirements that nobody answered in time, for the steps where that happened."""
    return [
        _share(step, step.timed_out, step.decided, tone="timed_out") for step in numbers if step.timed_out
    ]


def rework(numbers: Iterable[StepNumbers]) -> list[Bar]:
    """The share of people's decisions that sent the work back, for the steps where that happened."""
    return [_share(step, step.rework, step.by_people, tone="rework") for step in numbers if step.rework]


def loads(numbers: Iterable[Load]) -> list[Bar]:
    """What each person has answered and holds, in the order of their names."""
    people = list(numbers)
    most = max((person.answered for person in people), default=0)
    return [
        _bar(person.name, person.answered, most, tone="load", value=_answered(person)) for person in people
    ]


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; no nought for something that happened."""
    if not part:
        return "0 %"
    share = 100 * part / whole
    return "< 1 %" if share < 1 else f"{share:.0f} %"


def in_words(seconds: int) -> str:
    """A time with one unit: "40 s", "12 min", "3.5 h", "2.1 d"."""
    if seconds < 60:
        return _("%(number)d s") % {"number": seconds}
    if seconds < 3600:
        return _("%(number)d min") % {"number": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(number)s h") % {"number": number_format(seconds / 3600, 1)}
    return _("%(number)s days") % {"number": number_format(seconds / 86400, 1)}


def _bar(name: str, count: int, most: int, *, tone: str, value: str = "") -> Bar:
    parts = (Part(start=0, length=_scaled(count, most), tone=tone),) if count else ()
    return Bar(name=name, value=value or str(count), parts=parts)


def _share(step: StepNumbers, part: int, whole: int, *, tone: str) -> Bar:
    value = _("%(share)s (%(part)d of %(whole)d)") % {
        "share": percent(part, whole),
        "part": part,
        "whole": whole,
    }
    parts = (Part(start=0, length=_scaled(part, whole), tone=tone),)
    return Bar(name=step.step, of=step.workflow, value=value, parts=parts)


def _answered(person: Load) -> str:
    if not person.holds:
        return str(person.answered)
    holds = ngettext("holds %(number)d", "holds %(number)d", person.holds) % {"number": person.holds}
    return f"{person.answered}, {holds}"


def _spans(found: list[tuple[date, Counter[Outcome]]]) -> list[tuple[str, Counter[Outcome]]]:
    if len(found) <= MOST_COLUMNS:
        return [(date_format(day, "MONTH_DAY_FORMAT"), counts) for day, counts in found]
    first = len(found) % WEEK or WEEK
    starts = [0, *range(first, len(found), WEEK)]
    weeks = [found[start:end] for start, end in zip(starts, [*starts[1:], len(found)], strict=True)]
    return [(_week(week), sum((counts for _day, counts in week), Counter())) for week in weeks]


def _week(week: list[tuple[date, Counter[Outcome]]]) -> str:
    first, last = (date_format(week[at][0], "SHORT_DATE_FORMAT") for at in (0, -1))
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _piece(column: Column, at: int, top: int) -> str:
    """One outcome of one column, on top of those before it, as part of a path."""
    below = sum(column.counts[:at])
    low, high = (FULL - round(FULL * count / top) for count in (below, below + column.counts[at]))
    return f"M{column.x} {low}V{high}h{WIDE - GAP}V{low}z"


def _scaled(count: int, most: int) -> int:
    return max(LEAST, FULL * count // most) if count and most else 0


def _round_up(number: int) -> int:
    """The next number that an axis can end at: one digit that counts, and noughts."""
    unit = int(10 ** (len(str(number)) - 1))
    return max(1, -(-number // unit)) * unit
