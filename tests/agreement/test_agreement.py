"""Random workflows mean the same in every way they can be run, and the same as the naive evaluator says.

A seed that fails is shown with its tree; `compare(seed)` in a shell shows the rest.
"""

from collections import Counter
from random import Random

import pytest

from tests.agreement.trees import Tree, grow
from tests.agreement.ways import WAYS, by_engine, by_naive, has_branches
from tests.agreement.world import World

TREES, BLOCKS = 160, 8
MANY = 5000


def tree(seed: str) -> tuple[Tree, ...]:
    """The tree of a seed."""
    return grow(Random(seed))


def compare(seed: str) -> None:
    """Every way against the naive evaluator, and every way's events against the first one's."""
    items = tree(seed)
    expected = by_naive(items, World(seed=seed))
    told: dict[str, list[str]] = {}
    for way in WAYS:
        outcome, events = by_engine(items, World(seed=seed), way)
        assert outcome == expected, f"{way}, seed {seed!r}: {items}"
        told[way] = _comparable(events) if has_branches(items) else events
    assert len(set(map(tuple, told.values()))) == 1, f"seed {seed!r} told differently: {told}"


def _comparable(events: list[str]) -> list[str]:
    """Branches take turns as it happens, and pause together or one after the other."""
    return sorted(event for event in events if not event.startswith("WorkflowPaused"))


def compare_mortal(seed: str) -> None:
    """The same where processes die with what they were doing."""
    items = tree(seed)
    expected = by_naive(items, World(seed=seed, mortal=True))
    outcome, _ = by_engine(items, World(seed=seed, mortal=True), "a new process after each call")
    assert outcome == expected, f"mortal, seed {seed!r}: {items}"


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_way_agrees_with_the_naive_evaluator(block: int) -> None:
    for number in range(TREES // BLOCKS):
        compare(f"tree {block}.{number}")


@pytest.mark.parametrize("block", range(BLOCKS))
def test_processes_that_die_agree_with_the_naive_evaluator(block: int) -> None:
    for number in range(TREES // BLOCKS):
        compare_mortal(f"tree {block}.{number}")


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
def test_many_trees_agree(block: int) -> None:
    for number in range(MANY // 10):
        compare(f"long {block}.{number}")
        compare_mortal(f"long {block}.{number}")


def test_the_trees_are_worth_comparing() -> None:
    """All statuses, kinds of questions and verbs occur, so that agreeing says something."""
    seeds = [f"tree {block}.{number}" for block in range(BLOCKS) for number in range(TREES // BLOCKS)]
    outcomes = [by_naive(tree(seed), World(seed=seed)) for seed in seeds]
    statuses = Counter(outcome.status for outcome in outcomes)
    kinds = Counter(question["kind"] for outcome in outcomes for question in outcome.questions)
    assert min(statuses[status] for status in ("COMPLETED", "CANCELLED", "ERROR")) > TREES // 20
    assert min(kinds[kind] for kind in ("confirmation", "user_input", "output_review", "error")) > TREES // 8
    assert min(kinds[kind] for kind in ("route", "iteration_review")) > TREES // 20
    tools = ("tool_confirmation", "tool_input", "external_execution", "feedback")
    assert min(kinds[kind] for kind in tools) > TREES // 20
    members = [question for outcome in outcomes for question in outcome.questions if "::" in question["path"]]
    assert len(members) > TREES // 20
    assert sum(len(outcome.calls) for outcome in outcomes) > 2 * TREES
