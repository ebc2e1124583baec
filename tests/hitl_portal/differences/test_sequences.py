"""What two sequences have in common, however little work is allowed."""

import random
from time import perf_counter

import pytest

from hitl_portal.differences.sequences import Work, gaps, matches

PATIENCE = 20.0  # seconds, on a machine that has other things to do


def rebuilt(before: list[int], after: list[int], work: Work) -> list[int]:
    made: list[int] = []
    for _out, into, same in gaps(matches(before, after, work), len(before), len(after)):
        made += after[into] + before[same]
    return made


def some(dice: random.Random, most: int, kinds: int) -> list[int]:
    return [dice.randrange(kinds) for _ in range(dice.randrange(most))]


@pytest.mark.parametrize("allowed", [0, 15, 60, 1_000_000])
def test_what_is_found_makes_the_second_of_the_first(allowed: int) -> None:
    dice = random.Random(allowed)
    for number in range(500):
        before, after = (some(dice, 30, kinds=3 + number % 40) for _ in range(2))
        assert rebuilt(before, after, Work(allowed)) == after


def test_as_much_as_possible_is_found_where_there_is_time() -> None:
    before, after = list("abcabba"), list("cbabac")
    assert sum(length for _, _, length in matches(before, after, Work())) == 4


def test_what_stands_once_in_both_is_found_without_time() -> None:
    before, after = [1, 1, 7, 1, 1, 8, 2], [2, 2, 7, 2, 8, 1]
    assert matches(before, after, Work(2)) == [(2, 2, 1), (5, 4, 1)]


@pytest.mark.parametrize(
    "after",
    [
        list(range(100_000))[::-1],
        list(range(100_000, 200_000)),
        [number * (number % 2) for number in range(100_000)],
        [1, 2] * 50_000,
    ],
    ids=["turned around", "nothing in common", "every other one", "the same two"],
)
def test_nothing_takes_long(after: list[int]) -> None:
    begin = perf_counter()
    matches(list(range(100_000)), after, Work())
    assert perf_counter() - begin < PATIENCE
