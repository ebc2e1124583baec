"""What is said to come next does come next, for every answer to every question of random workflows.

The world is calm: nothing fails and nothing says stop, which no outline can know. Whatever an answer causes up to the
next question is compared with what was foretold: the steps that were certain, all that were possible, who is asked
then, and how the run ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import takewhile
from random import Random
from typing import Any

import pytest

from tests.agreement.trees import Choice, Composite, Talk, Tree, grow
from tests.agreement.ways import Engine
from tests.agreement.world import Result, World
from workflows.ahead import Course, End, Here, SoFar, Stage, What, following
from workflows.engine.needs import Ask
from workflows.engine.plan import NestedNode
from workflows.types import Action, Answer, StepStatus

TREES, BLOCKS = 200, 8


class Calm(World):
    """A world in which nothing fails, and nothing says stop."""

    def result(self, path: str, number: int, calm: bool) -> Result:
        return Result(content=super().result(path, number, calm=True).content)

    def replies(self, path: str, number: int, calm: bool) -> str:
        return "well"

    def judged(self, place: str, content: Any, number: int | None = None) -> bool:
        return self._dice(place, repr(content) if number is None else number).random() < 0.5

    def selected(self, place: str, names: list[str], content: Any, number: int) -> list[str]:
        dice = self._dice(place, number)
        return dice.sample(names, dice.randint(0, len(names)))


@dataclass
class Foretelling:
    """One run on the engine, and what was foretold of it. `seen` counts what the comparisons were about."""

    engine: Engine
    seen: dict[str, int] = field(default_factory=dict)

    def play(self, dice: Random) -> None:
        """Answer one question at a time, and compare."""
        self.engine.blocking()
        while asks := self.engine.machine.asks:
            self.compare(dice.choice(asks))

    def compare(self, ask: Ask) -> None:
        """One answer: what it is said to cause, and what it causes."""
        engine, here = self.engine, self.here(ask)
        assert here is not None, ask.path
        known = {(other.path, other.key) for other in engine.machine.asks}
        before, answer = len(engine.store.events), self.answered(ask)
        course = following(ask.to_dict(), here, answer)
        engine.blocking()
        told = engine.store.events[before:]
        begun = [event.path for event in told if event.type == "StepStarted"]
        nested = [isinstance(engine.plan.find(path), NestedNode) for path in begun]
        ran = [without_rounds(path) for path, is_nested in zip(begun, nested, strict=True) if not is_nested]
        if ask.tool is not None and answer.action is not Action.cancel:  # its step is under way
            ran.insert(0, here.node["path"])
        new = [other for other in engine.machine.asks if (other.path, other.key) not in known]
        self.judge(course, ran, new)
        self.seen[f"{ask.kind} {answer.action}"] = self.seen.get(f"{ask.kind} {answer.action}", 0) + 1

    def judge(self, course: Course, ran: list[str], new: list[Ask]) -> None:
        """What came of it against what was foretold."""
        machine, told = self.engine.machine, course.everything()
        possible = {stage.node["path"] for stage in told if stage.what is What.step}
        assert {path for path in ran if path not in possible} == set(), course
        certain = [stage.node["path"] for stage in certainly(course)]
        assert list(dict.fromkeys(ran))[: len(certain)] == list(dict.fromkeys(certain)), (course, ran)
        asked = {stage.node["path"] for stage in told if stage.what is What.asks or stage.may_ask}
        assert {without_rounds(ask.path) for ask in new} <= asked, course
        if course.end is End.cancelled:
            assert machine.status == "CANCELLED"
        elif machine.status.finished:
            assert machine.status == "COMPLETED"
            assert course.end is End.completed, course
        if course.end is End.completed and all(stage.certain and plain(stage) for stage in told):
            assert machine.status == "COMPLETED", course

    def answered(self, ask: Ask) -> Answer:
        """What the world says, given to the machine."""
        given: list[Answer] = []
        machine = self.engine.machine
        real = machine.answer

        def noted(ask: Ask, answer: Answer, bound: str | None = None) -> None:
            given.append(answer)
            real(ask, answer, bound)

        machine.answer = noted  # type: ignore[method-assign]
        self.engine.answer(ask)
        machine.answer = real  # type: ignore[method-assign]
        return given[0]

    def here(self, ask: Ask) -> Here | None:
        """The place of a question, with what has happened so far."""
        records = self.engine.machine.journal.records.values()
        routes = {record.path: record.memo["route"] for record in records if "route" in record.memo}
        over = {record.path for record in records if StepStatus(record.status).finished}
        return Here.of(self.engine.plan.outline, ask.path, SoFar(routes=routes, over=over))


def plain(stage: Stage) -> bool:
    """It says what happens, and asks nobody."""
    return stage.what in (What.step, What.beside, What.rounds, What.several) and not stage.may_ask


def certainly(course: Course) -> Iterable[Stage]:
    """The steps that run first, whatever functions say."""
    for stage in course.stages:
        if stage.what is What.rounds and stage.certain:
            inner = stage.ways[0].course
            yield from certainly(inner)
            return
        if stage.what is not What.step:
            return
        yield stage
        if stage.may_ask:
            return


def without_rounds(path: str) -> str:
    """A path as outlines have it: no numbers of rounds, nothing of what agents do."""
    parts = takewhile(lambda part: not (part.partition(".")[0].isdigit() and "." in part), path.split("/"))
    return "/".join(part for part in parts if not part.isdigit() and not part.startswith("again:"))


def patient(item: Tree) -> Tree:
    """A tree whose agents may take all the turns they want."""
    if isinstance(item, Talk):
        return replace(item, turns=25, members=tuple(map(patient, item.members)))  # type: ignore[arg-type]
    if isinstance(item, Choice):
        item = replace(item, otherwise=tuple(map(patient, item.otherwise)))
    return replace(item, children=tuple(map(patient, item.children))) if isinstance(item, Composite) else item


@cache
def foretell(seed: str) -> dict[str, int]:
    """Play one tree, and say what was compared."""
    items = tuple(map(patient, grow(Random(seed))))
    told = Foretelling(engine=Engine(items, Calm(seed=seed)))
    told.play(Random(seed))
    return told.seen


@pytest.mark.parametrize("block", range(BLOCKS))
def test_what_is_foretold_happens(block: int) -> None:
    for number in range(TREES // BLOCKS):
        foretell(f"ahead {block}.{number}")


def test_every_kind_and_answer_is_foretold() -> None:
    seen: dict[str, int] = {}
    for number in range(TREES):
        for name, count in foretell(f"ahead {number % BLOCKS}.{number // BLOCKS}").items():
            seen[name] = seen.get(name, 0) + count
    for kind in ("confirmation", "user_input", "route", "output_review", "iteration_review"):
        assert min(seen[f"{kind} {action}"] for action in ("approve", "reject")) > 2, seen
    assert min(seen[f"{kind} edit"] for kind in ("output_review", "iteration_review")) > 2, seen
    assert min(seen[f"{kind} approve"] for kind in ("tool_confirmation", "tool_input", "feedback")) > 2, seen
    assert sum(count for name, count in seen.items() if name.endswith("cancel")) > 2, seen
