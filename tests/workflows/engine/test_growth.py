"""What a step costs does not grow with how much happened before it; work is counted, no time is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from tests.acceptance.talking import Desk, wants
from workflows import HumanReview, Loop, Parallel, Step, Steps, Workflow
from workflows.engine import walk as walking
from workflows.engine.drivers import drive
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.engine.primitives import parallel
from workflows.types import Action, Answer

MANY = 1000


class Counting(MemoryStore):
    """A store that remembers how much each save wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[int, int, int]] = []

    def save(self, machine: Machine) -> list[Event]:
        """Count what changed, then keep it."""
        changes = machine.journal._changes
        self.written.append((len(machine.journal._touched), len(changes.values), len(changes.events)))
        return super().save(machine)


@contextmanager
def counted_walks() -> Iterator[list[str]]:
    """The paths that are walked meanwhile."""
    walked: list[str] = []
    walk = walking.walk

    def counting(node: Any, record: Any, flow: Any) -> Any:
        walked.append(record.path)
        return walk(node, record, flow)

    with patch.object(walking, "walk", counting), patch.object(parallel, "walk", counting):
        yield walked


def flat(*asking: int) -> Workflow:
    """Many steps in a row; people confirm some of them."""
    steps = [Step(f"s{i}", lambda given: given.input, requires_confirmation=i in asking) for i in range(MANY)]
    return Workflow(name="flat", steps=steps)


def driven(workflow: Workflow) -> tuple[Counting, Machine]:
    store = Counting()
    machine = store.start(workflow.plan)
    list(drive(machine, store.save))
    return store, machine


def test_each_save_writes_as_much_at_the_last_step_as_at_the_first() -> None:
    store, _ = driven(flat())
    assert store.written[10] == store.written[MANY - 10]
    assert max(store.written) <= (3, 1, 4)


def test_each_advance_walks_as_many_places_at_the_last_step_as_at_the_first() -> None:
    with counted_walks() as walked:
        driven(flat())
    # Once to find the call, once to take its result.
    assert len(walked) == 2 * MANY
    assert walked.count("s10") == walked.count(f"s{MANY - 1}") == 2


def test_depth_is_what_a_walk_costs() -> None:
    item: Any = Step("leaf", lambda _: 1)
    for _ in range(20):
        item = Steps("level", steps=[item])
    with counted_walks() as walked:
        driven(Workflow(name="deep", steps=[item]))
    assert len(walked) == 2 * 21


@pytest.mark.parametrize("at", [10, MANY - 1])
def test_resuming_reads_the_frontier_and_not_the_history(at: int) -> None:
    workflow = flat(at)
    store, _ = driven(workflow)
    store.reads = 0
    machine = store.load(workflow.plan)
    assert (len(machine.journal.records), store.reads) == (2, 0)
    machine.answer(machine.asks[0], Answer(action=Action.approve))
    (call,) = machine.ready()
    (given,), _ = call.prepare()
    assert given.previous_step_content is None
    # The record and the value of the step before, which are what was approved.
    assert store.reads == 2


def test_a_step_that_looks_far_back_reads_what_it_looks_at() -> None:
    steps = [Step(f"s{i}", lambda _: 1) for i in range(MANY)]
    last = Step("last", lambda given: given.get_step_content("s5"), requires_confirmation=True)
    workflow = Workflow(name="flow", steps=[*steps, last])
    store, _ = driven(workflow)
    machine = store.load(workflow.plan)
    store.reads = 0
    machine.answer(machine.asks[0], Answer(action=Action.approve))
    list(drive(machine, store.save))
    assert store.reads <= 6


def test_outputs_are_written_once_however_deep_they_stand() -> None:
    item: Any = Step("leaf", lambda _: "x" * 1000)
    for _ in range(10):
        item = Steps("level", steps=[item])
    store, _ = driven(Workflow(name="deep", steps=[item]))
    assert sum(len(text) for text in store._values.values()) < 5000


def rounds(at: int) -> tuple[Counting, Workflow]:
    """A loop whose iterations people send back, up to the `at`-th, which waits for them."""
    review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=None)
    body = [Step("draft", lambda given: given.previous_step_content), Step("polish", lambda _: 1)]
    workflow = Workflow(
        name="rounds",
        steps=[
            Loop(body, name="l", max_iterations=2 * MANY, forward_iteration_output=True, human_review=review),
            Step("after", lambda given: given.previous_step_content),
        ],
    )
    store, machine = driven(workflow)
    for _ in range(at - 1):
        machine.answer(machine.asks[0], Answer(action=Action.reject, feedback="again"))
        list(drive(machine, store.save))
    return store, workflow


@pytest.mark.parametrize("at", [10, MANY])
def test_a_reviewed_iteration_costs_the_same_however_many_there_were(at: int) -> None:
    store, workflow = rounds(at)
    store.reads, store.written = 0, []
    machine = store.load(workflow.plan)
    assert (len(machine.journal.records), store.reads) == (3, 0)
    with counted_walks() as walked:
        machine.answer(machine.asks[0], Answer(action=Action.reject, feedback="again"))
        list(drive(machine, store.save))
    assert machine.asks[0].path == f"l/{at + 1}"
    assert (len(walked), store.reads, len(store.written)) == (7, 2, 3)
    assert max(store.written) <= (5, 1, 7)
    assert len(store._records["l"]) < 400


@pytest.mark.parametrize("at", [10, MANY])
def test_what_comes_after_many_iterations_reads_the_last_alone(at: int) -> None:
    store, workflow = rounds(at)
    store.reads = 0
    machine = store.load(workflow.plan)
    machine.answer(machine.asks[0], Answer(action=Action.approve))
    list(drive(machine, store.save))
    assert machine.status == "COMPLETED"
    assert store.reads <= 4


def test_a_branch_is_walked_when_something_happened_to_it() -> None:
    branches = [Step(f"b{i}", lambda _: 1) for i in range(MANY)]
    with counted_walks() as walked:
        store, machine = driven(Workflow(name="wide", steps=[Parallel(*branches, name="p")]))
    assert machine.status == "COMPLETED"
    # Each branch twice: for the call and for its result. The Parallel itself whenever one came back.
    assert len([path for path in walked if path != "p"]) == 2 * MANY
    assert len([path for path in walked if path == "p"]) == MANY + 1
    assert max(len(text) for path, text in store._records.items() if path == "p") < 1000


def test_resuming_one_of_many_branches_reads_none_that_are_done() -> None:
    branches = [Step(f"b{i}", lambda _: 1, requires_confirmation=i > MANY - 3) for i in range(MANY)]
    store, machine = driven(Workflow(name="wide", steps=[Parallel(*branches, name="p")]))
    store.reads = 0
    machine = store.load(machine.journal.plan)
    with counted_walks() as walked:
        machine.answer(machine.asks[0], Answer(action=Action.approve))
        list(drive(machine, store.save))
    assert (len(walked), store.reads) == (5, 0)


def talk(turns: int) -> tuple[Counting, Workflow, Desk]:
    """An agent that has used tools in that many turns, and waits for people before the next."""
    desk = Desk()
    tools = [desk.tool("look"), desk.tool("pay", requires_confirmation=True)]
    looks = [[wants("look", amount=i), wants("look", amount=i)] for i in range(turns)]
    agent = desk.agent(*looks, wants("pay", amount=1), "paid", tools=tools, max_turns=turns + 2)
    workflow = Workflow(name="talk", steps=[Step("ask", agent=agent)])
    store, machine = driven(workflow)
    assert machine.asks[0].path == f"ask/{turns}.0:pay"
    return store, workflow, desk


@pytest.mark.parametrize("turns", [10, 100])
def test_a_turn_costs_as_many_reads_and_writes_however_many_there_were(turns: int) -> None:
    store, workflow, _ = talk(turns)
    store.reads, store.written = 0, []
    machine = store.load(workflow.plan)
    assert (len(machine.journal.records), store.reads) == (3, 0)
    with counted_walks() as walked:
        machine.answer(machine.asks[0], Answer(action=Action.approve))
        list(drive(machine, store.save))
    assert machine.status == "COMPLETED"
    # The question's arguments, what was said so far, and whether a reply is there already.
    assert store.reads <= 5
    assert len(walked) <= 4
    assert max(store.written) <= (3, 1, 6)


def test_what_an_agent_remembers_of_itself_does_not_grow() -> None:
    (few, _, _), (many, _, _) = talk(10), talk(100)
    assert len(many._records["ask"]) - len(few._records["ask"]) < 50
    assert max(map(sum, many.written)) == max(map(sum, few.written))


def test_each_turn_walks_the_agent_alone_and_is_written_once() -> None:
    with counted_walks() as walked:
        store, _, desk = talk(100)
    assert len(desk.used) == 200
    assert walked.count("ask") == len(walked) <= 4 * 101
    assert sum(path == "ask" for path, _ in store._values) == 101
