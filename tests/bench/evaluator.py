"""What the engine costs in memory over the bare calls, for one trivial step.

The floor is the naive evaluator of the agreement test, which keeps nothing and can neither pause nor resume. Floor
and engine take turns in one process, so that a busy machine slows both.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

from tests.agreement.naive import Naive
from tests.agreement.trees import Leaf
from tests.agreement.world import Result, World
from tests.bench.rows import Row, told
from workflows import Step, StepInput, Workflow
from workflows.engine.drivers import drive
from workflows.engine.flow import Inputs
from workflows.engine.journal import Journal
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.types import Action, Answer

STEPS, ROUNDS = 10, 300


class Still(World):
    """A world in which every function gives back a number and nothing is written down."""

    def called(self, path: str, **given: object) -> None:
        """Forget it."""

    def result(self, path: str, number: int, calm: bool) -> Result:
        """Always the same."""
        return Result(content=1)


def one(step_input: StepInput) -> int:
    """The trivial step."""
    return 1


NAMES = [f"s{i}" for i in range(STEPS)]
LEAVES = tuple(Leaf(name=name) for name in NAMES)
PLAIN = Workflow(name="plain", steps=[Step(name, one) for name in NAMES]).plan
ASKING = Workflow(name="asking", steps=[Step(name, one, requires_confirmation=True) for name in NAMES]).plan


def naive() -> None:
    """The calls, and no more than the meaning of the tree."""
    Naive(Still(seed="")).run(LEAVES)


def walked() -> None:
    """The engine, nothing kept."""
    for _ in drive(Machine(Journal(PLAIN), Inputs()), lambda machine: machine.take().events):
        pass


def kept() -> None:
    """The engine, every step encoded and kept before the next one starts."""
    store = MemoryStore()
    for _ in drive(store.start(PLAIN), store.save):
        pass


def paused() -> None:
    """The same with a person before each step, and a new process after each answer."""
    store = MemoryStore()
    machine = store.start(ASKING)
    while not machine.status.finished:
        for _ in drive(machine, store.save):
            pass
        for ask in machine.asks:
            machine = store.load(ASKING)
            machine.answer(ask, Answer(action=Action.approve))


WAYS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("naive evaluator (floor)", naive),
    ("engine, nothing kept", walked),
    ("engine, each step kept", kept),
    ("engine, paused and reloaded at each step", paused),
)


def measured() -> dict[str, float]:
    """The median microseconds for one step, by way."""
    times: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS:
            started = perf_counter()
            way()
            times[name].append((perf_counter() - started) / STEPS * 1e6)
    return {name: median(found) for name, found in times.items()}


if __name__ == "__main__":
    found = measured()
    (_, floor), *others = found.items()
    told(*(Row(work=name, on="memory", figure=micros / floor) for name, micros in others))
