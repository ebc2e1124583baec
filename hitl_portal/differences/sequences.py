"""Sequences: what two sequences have in common, in order, in bounded work.

The shortest edit first (Myers: quick where little changed, however long the sequences are). Where that would take too
long, what both have exactly once is lined up instead, and only the gaps between are looked at closely.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

ENOUGH = 600_000  # comparisons: well under a second

# Where a stretch that both have begins in each, and how long it is.
Match = tuple[int, int, int]


class TooMuch(Exception):
    """The work that was allowed is done."""


@dataclass
class Work:
    """How much may still be done; shared by everything that one comparison compares."""

    left: int = ENOUGH

    @property
    def half(self) -> int:
        """What one attempt may take, so that there is something left for another one."""
        return self.left // 2


def matches(before: Sequence[Hashable], after: Sequence[Hashable], work: Work) -> list[Match]:
    """The stretches that both have, in order; fewer than there are where the work was not enough."""
    old, new = _numbered(before, after)
    return list(_joined(_found(old, new, work)))


def gaps(found: Sequence[Match], before: int, after: int) -> Iterator[tuple[slice, slice, slice]]:
    """Between the matches of sequences of these lengths: what is out, what is in, and the match after it."""
    here, there = 0, 0
    for start, other, length in [*found, (before, after, 0)]:
        yield slice(here, start), slice(there, other), slice(start, start + length)
        here, there = start + length, other + length


def _numbered(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Numbers in the place of things: long lines are compared once."""
    numbers: dict[Hashable, int] = {}
    old, new = ([numbers.setdefault(item, len(numbers)) for item in items] for items in (before, after))
    return old, new


def _found(old: list[int], new: list[int], work: Work) -> Iterator[Match]:
    head, tail = _ends(old, new)
    yield 0, 0, head
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    for start, other, length in _within(inner_old, inner_new, work):
        yield start + head, other + head, length
    yield len(old) - tail, len(new) - tail, tail


def _within(old: list[int], new: list[int], work: Work) -> list[Match]:
    if not old or not new or work.left <= 0:
        return []
    try:
        return _shortest(old, new, work)
    except TooMuch:
        return list(_by_anchors(old, new, work))


def _by_anchors(old: list[int], new: list[int], work: Work) -> Iterator[Match]:
    anchors = _anchors(old, new)
    if not anchors:
        return
    single = [(start, other, 1) for start, other in anchors]
    for out, new_ones, match in gaps(single, len(old), len(new)):
        for start, other, length in _found(old[out], new[new_ones], work):
            yield start + out.start, other + new_ones.start, length
        if match.stop > match.start:
            yield match.start, new_ones.stop, 1


def _ends(old: list[int], new: list[int]) -> tuple[int, int]:
    """How many items both begin with, and how many both end with."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    most -= head
    tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    return head, tail


def _anchors(old: list[int], new: list[int]) -> list[tuple[int, int]]:
    """Places of what both have exactly once, as many as can stand in the same order in both."""
    count_old, count_new = Counter(old), Counter(new)
    places = {item: at for at, item in enumerate(new) if count_new[item] == 1}
    pairs = [(at, places[item]) for at, item in enumerate(old) if count_old[item] == 1 and item in places]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs whose second numbers rise."""
    ends: list[int] = []
    last: list[int] = []  # the pair that each length ends with
    before: list[int] = []
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        ends[length : length + 1], last[length : length + 1] = [other], [number]
        before.append(last[length - 1] if length else -1)
    chosen, at = [], last[-1] if last else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def _shortest(old: list[int], new: list[int], work: Work) -> list[Match]:
    """Raises TooMuch."""
    return _walked_back(old, new, _trace(old, new, work))


def _trace(old: list[int], new: list[int], work: Work) -> list[dict[int, int]]:
    """How far each diagonal came, before each further edit, until both ends are reached. Raises TooMuch."""
    reached, trace, left = {1: 0}, [], work.half
    for edits in range(len(old) + len(new) + 1):
        trace.append(reached.copy())
        left -= edits
        for diagonal in range(-edits, edits + 1, 2):
            start = _step(reached, diagonal, edits)
            end = _slid(old, new, start, start - diagonal)
            reached[diagonal] = end
            left -= 1 + end - start
            if left < 0:
                work.left -= work.half
                raise TooMuch
            if end >= len(old) and end - diagonal >= len(new):
                work.left -= work.half - left
                return trace
    raise AssertionError("taking all out and putting all in is an edit")


def _step(reached: dict[int, int], diagonal: int, edits: int) -> int:
    """Where a diagonal is entered: from its neighbour that came further."""
    if _is_down(reached, diagonal, edits):
        return reached[diagonal + 1]
    return reached[diagonal - 1] + 1


def _is_down(reached: dict[int, int], diagonal: int, edits: int) -> bool:
    if diagonal in (-edits, edits):
        return diagonal == -edits
    return reached[diagonal - 1] < reached[diagonal + 1]


def _slid(old: list[int], new: list[int], at: int, other: int) -> int:
    while at < len(old) and other < len(new) and old[at] == new[other]:
        at += 1
        other += 1
    return at


def _walked_back(old: list[int], new: list[int], trace: list[dict[int, int]]) -> list[Match]:
    found, at, other = [], len(old), len(new)
    for edits in range(len(trace) - 1, -1, -1):
        diagonal, reached = at - other, trace[edits]
        start = _step(reached, diagonal, edits)
        found.append((start, start - diagonal, at - start))
        is_down = _is_down(reached, diagonal, edits)
        at, other = (start, start - diagonal - 1) if is_down else (start - 1, start - diagonal)
    return found[::-1]


def _joined(found: Iterator[Match]) -> Iterator[Match]:
    """Neighbouring stretches as one; none that is empty."""
    start, other, length = 0, 0, 0
    for at, there, more in found:
        if not more:
            continue
        if (at, there) == (start + length, other + length):
            length += more
            continue
        if length:
            yield start, other, length
        start, other, length = at, there, more
    if length:
        yield start, other, length
