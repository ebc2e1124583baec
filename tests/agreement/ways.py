"""The ways to run one workflow; each gives the same Outcome as the others, or there is a defect."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.agreement.authors import workflow
from tests.agreement.meaning import spot
from tests.agreement.naive import Naive
from tests.agreement.trees import Beside, Talk, Tree, everything
from tests.agreement.world import Routes, Wanted, World
from workflows.engine import values
from workflows.engine.drivers import adrive, drive, perform
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.engine.needs import Ask, Call
from workflows.engine.plan import Plan
from workflows.types import Action, Answer


@dataclass(frozen=True)
class Outcome:
    """What a run came to, and what happened on the way."""

    status: str
    content: Any
    state: dict[str, Any]
    calls: list[dict[str, Any]]
    questions: list[dict[str, Any]]


class Engine:
    """One tree in one world on the engine. A way is a method that advances the run until nothing is ready."""

    def __init__(self, items: tuple[Tree, ...], world: World) -> None:
        self.items, self.world = items, world
        self.plan: Plan = workflow(items, world).plan
        self.store = MemoryStore()
        self.machine: Machine = self.store.start(self.plan)

    def outcome(self) -> Outcome:
        """What it came to."""
        output = self.machine.output
        content = self.machine.outcome or (output.deepest if output else None)
        assert not self.machine.asks
        return Outcome(self.machine.status, content, self.store.state, self.world.calls, self.world.questions)

    def answer(self, ask: Ask) -> None:
        """Let the world answer; what it says must fit the question."""
        verb, said = self.world.asked(ask.path, ask.kind, ask.retry_count, self.seen(ask), _offer(ask))
        answer = Answer(action=Action(verb), **said)
        ask.check(answer)
        self.machine.answer(ask, answer)

    def seen(self, ask: Ask) -> Any:
        """What a person is shown."""
        if ask.tool is not None:
            tool, member = ask.tool, ask.tool["member"] or {}
            return [tool["name"], tool["args"], tool["executor"]["name"], member.get("name")]
        return values.decode(self.store.value(*ask.evidence)).get("content") if ask.evidence else None

    def reload(self) -> None:
        """The process is gone; another one, with objects of its own, goes on from what was saved."""
        self.plan = workflow(self.items, self.world).plan
        self.machine = self.store.load(self.plan)

    def blocking(self) -> None:
        """Drained."""
        for _ in drive(self.machine, self.store.save):
            pass

    def streamed(self) -> None:
        """Event by event; at each of them a fresh process could take over."""
        for event in drive(self.machine, self.store.save):
            assert event in self.store.events
            self.store.load(self.plan)

    def awaited(self) -> None:
        """By the awaiting driver."""

        async def drained() -> None:
            async for _ in adrive(self.machine, self.store.save):
                pass

        asyncio.run(drained())

    def by_many_processes(self) -> None:
        """Each process performs one call, and takes it down with itself where the world says so."""
        while calls := self.ready():
            call, *others = calls
            for other in others:
                self.machine.give_back(other)
            self.store.save(self.machine)
            result = perform(call)
            if self.world.dies(_label(call)):
                self.reload()
                continue
            self.machine.finish(call, result)
            self.store.save(self.machine)
            self.machine = self.store.load(self.plan)

    def ready(self) -> list[Call]:
        """What a driver would start now."""
        calls = self.machine.ready()
        self.store.save(self.machine)
        return calls


def _offer(ask: Ask) -> Routes | Wanted | int | None:
    """What a person can say, in the words of the world."""
    if ask.tool is not None:
        return Wanted(ask.tool["args"])
    if ask.kind == "error":
        return ask.max_retries
    names = tuple(choice["name"] for choice in ask.choices)
    return Routes(names, ask.allow_multiple) if ask.kind == "route" else None


def _label(call: Call) -> str:
    """The call in the words of the world."""
    path = call.record.path
    match call.key.partition(":")[0]:
        case "review?":
            return f"{spot(path)}?"
        case "evaluate":
            return f"{path}?if"
        case "select":
            return f"{path}?route"
        case "end":
            return f"{spot(path.rpartition('/')[0])}?end"
    return path


Advance = Callable[[Engine], None]

# How a run is advanced, whether it is reloaded between answer and advance, and whether all open questions are
# answered at once.
WAYS: dict[str, tuple[Advance, bool, bool]] = {
    "blocking": (Engine.blocking, False, True),
    "streamed": (Engine.streamed, False, True),
    "awaited": (Engine.awaited, False, True),
    "one answer at a time": (Engine.blocking, False, False),
    "a new process after each pause": (Engine.blocking, True, False),
    "a new process after each call": (Engine.by_many_processes, True, True),
}


def by_engine(items: tuple[Tree, ...], world: World, way: str) -> tuple[Outcome, list[str]]:
    """The outcome, and the events that were told."""
    advance, reloads, all_at_once = WAYS[way]
    engine, dice = Engine(items, world), Random(world.seed)
    advance(engine)
    while asks := engine.machine.asks:
        for ask in asks if all_at_once else [dice.choice(asks)]:
            engine.answer(ask)
        if reloads:
            engine.store.save(engine.machine)
            engine.reload()
        advance(engine)
    outcome, told = engine.outcome(), [f"{event.type} {event.path}" for event in engine.store.events]
    return _ordered(items, outcome), told


def by_naive(items: tuple[Tree, ...], world: World) -> Outcome:
    """The second opinion."""
    naive = Naive(world)
    status, content = naive.run(items)
    return _ordered(items, Outcome(status, content, naive.state.kept, world.calls, world.questions))


def has_branches(items: tuple[Tree, ...]) -> bool:
    """Something in it runs side by side, so that the order of what happens is not the same in every way."""
    return any(
        isinstance(item, Beside) or (isinstance(item, Talk) and item.side_by_side)
        for item in everything(items)
    )


def _ordered(items: tuple[Tree, ...], outcome: Outcome) -> Outcome:
    if has_branches(items):
        outcome.calls.sort(key=lambda call: str(call["path"]))
        outcome.questions.sort(key=lambda question: str(question["path"]))
    return outcome
