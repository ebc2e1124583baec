"""Turns: several ways of doing the same take turns in one process, so that a busy machine slows all of them."""

from collections.abc import Callable
from statistics import median
from time import perf_counter


def in_turns(rounds: int, *ways: Callable[[], object], between: Callable[[], object] = int) -> list[float]:
    """The median seconds of each way; the first round is not counted."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds + 1):
        between()
        for way, taken in zip(ways, times, strict=True):
            taken.append(seconds(way))
    return [median(taken[1:]) for taken in times]


def seconds(way: Callable[[], object]) -> float:
    """How long it takes once."""
    start = perf_counter()
    way()
    return perf_counter() - start


def percentile(figures: list[float], share: float) -> float:
    """The figure that so many of them do not pass: 0.95 for the 95th percentile."""
    return sorted(figures)[min(int(len(figures) * share), len(figures) - 1)]
