"""A run in memory, in the words of the tests: what it called, what it asks, what it told, and answers to it."""

from collections.abc import Callable
from typing import Any

from workflows import StepInput, Workflow
from workflows.engine.drivers import drive
from workflows.engine.flow import Inputs
from workflows.engine.memory import MemoryStore
from workflows.engine.needs import Ask
from workflows.types import Action, Answer


class Run:
    """One run of a workflow, driven to its first pause or its end when it is made, and again after each answer."""

    def __init__(self, *steps: Any, state: dict[str, Any] | None = None, **inputs: Any) -> None:
        self.workflow = Workflow(name="flow", steps=list(steps))
        self.store = MemoryStore()
        self.told: list[str] = []
        self.machine = self.store.start(self.workflow.plan, Inputs(run_id="run", state=state or {}, **inputs))
        self.drive()

    def drive(self) -> "Run":
        """As far as it goes without people."""
        self.told = [
            f"{event.type} {event.step_name}".strip() for event in drive(self.machine, self.store.save)
        ]
        return self

    def answer(self, action: str, **said: Any) -> "Run":
        """Answer the only open question, after it was checked; then drive on."""
        answer = Answer(action=Action(action), **said)
        self.ask.check(answer)
        self.machine.answer(self.ask, answer)
        return self.drive()

    def reload(self) -> "Run":
        """Go on as a fresh process would."""
        self.machine = self.store.load(self.workflow.plan)
        return self

    @property
    def ask(self) -> Ask:
        """The only open question."""
        (ask,) = self.machine.asks
        return ask

    @property
    def status(self) -> str:
        """Where the run stands, in lower case."""
        return self.machine.status.lower()

    @property
    def content(self) -> Any:
        """What a finished run says."""
        return self.machine.outcome or (self.machine.output.deepest if self.machine.output else None)


class Recorder:
    """Functions that give back what the test says and keep what they were given."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.inputs: list[StepInput] = []

    def returning(self, *results: Any, name: str = "step") -> Callable[[StepInput], Any]:
        """A function that gives back the next result each time, the last one for ever; raises what is an exception."""
        rest = list(results)

        def function(step_input: StepInput) -> Any:
            self.calls.append(name)
            self.inputs.append(step_input)
            result = rest.pop(0) if len(rest) > 1 else rest[0]
            if isinstance(result, Exception):
                raise result
            return result

        function.__name__ = name
        return function

    @property
    def notes(self) -> list[dict[str, Any]]:
        """The additional data of each call."""
        return [given.additional_data or {} for given in self.inputs]
