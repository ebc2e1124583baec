"""A run that is forked anywhere, without a change, comes to what it came to; what was done before is not done again.

The fork meets a world of the same seed: what people and functions say depends on where they are asked, and how often.
"""

import json
import re
from collections import Counter
from dataclasses import asdict

import pytest

from tests.agreement.test_agreement import tree
from tests.agreement.ways import Engine
from tests.agreement.world import World
from workflows.engine.forking import Cut, NoSuchPlace, cut
from workflows.types import RunStatus

TREES, BLOCKS = 96, 8
MANY = 4000
KINDS = {"review": "output_review", "error": "error", "route": "route"}


def done(engine: Engine) -> Engine:
    """Drive it to its end."""
    engine.blocking()
    while asks := engine.machine.asks:
        for ask in asks:
            engine.answer(ask)
        engine.blocking()
    return engine


def heard(made: Cut) -> Counter[tuple[str, str]]:
    """How often people were asked around the place before the fork."""
    counted: Counter[tuple[str, str]] = Counter()
    for record in made.records:
        for key in record.memo:
            name = key.partition(":")[0]
            if name in KINDS and re.match(r"(review|error|route):", key):
                counted[record.path, KINDS[name]] += 1
    return counted


def forked(engine: Engine, made: Cut, world: World) -> Engine:
    """The fork, at its end."""
    fork = Engine(engine.items, world)
    world._asked = heard(made)
    _, texts = engine.store.inside("")
    fork.store.status = RunStatus.running
    fork.store._records = {record.path: json.dumps(asdict(record)) for record in made.records}
    fork.store._values = {
        (path, slot): text
        for (path, slot), text in texts.items()
        if path in made.whole or slot in made.slots.get(path, ())
    }
    fork.reload()
    return done(fork)


def compare_fork(seed: str) -> int:
    """One tree, forked at each place that it reached; how many those were."""
    items = tree(seed)
    engine = done(Engine(items, World(seed=seed)))
    saved, _ = engine.store.inside("")
    count = 0
    for record in saved:
        try:
            made = cut(engine.plan.outline, saved, record.path)
        except NoSuchPlace:
            continue
        count += 1
        world = World(seed=seed)
        fork = forked(engine, made, world)
        old, new = _came_to(engine), _came_to(fork)
        assert new == old, f"seed {seed!r} at {record.path!r}: {items}"
        called = {call["path"] for call in world.calls}
        assert called.isdisjoint(set(made.done)), f"seed {seed!r} at {record.path!r} did twice: {items}"
    return count


def _came_to(engine: Engine) -> tuple[object, object]:
    output = engine.machine.output
    return engine.machine.status, engine.machine.outcome or (output.deepest if output else None)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_fork_comes_to_the_same(block: int) -> None:
    forks = sum(compare_fork(f"fork {block}.{number}") for number in range(TREES // BLOCKS))
    assert forks > TREES // BLOCKS


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
def test_many_forks_come_to_the_same(block: int) -> None:
    for number in range(MANY // 10):
        compare_fork(f"long fork {block}.{number}")
