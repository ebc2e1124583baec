"""Driving: one `run` or `continue_run` from its begin to its next rest, streamed or not, blocking or awaited.

Streamed and not streamed are one loop: the second drains the first. What a step raised for good is raised at the
end, after everything is saved.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from workflows.engine.drivers import adrive, drive
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.run.building import events_of, output_of
from workflows.run.facts import Facts, Known
from workflows.run.output import WorkflowRunOutput
from workflows.types import RunStatus

if TYPE_CHECKING:
    from workflows.ports import Driven


class StepFailed(RuntimeError):
    """A step with on_error=fail has failed, in a process whose exception is gone: its message is what is left."""


class View(Protocol):
    """How a run is shown to whoever called `run`: as a workflow's, or as an agent's."""

    def events(self, event: Event, machine: Machine, run: Known) -> Iterator[Any]:
        """An engine's event, in their words; nothing for what they did not ask for."""

    def output(self, machine: Machine, facts: Facts) -> Any:
        """The run as it stands."""

    def last(self, output: Any) -> Iterator[Any]:
        """What a stream ends with besides its events."""

    def failure(self, machine: Machine) -> BaseException | None:
        """What is raised in the end."""


class Driving:
    """Iterate it (`for`, or `async for`) for the events; `await` it for itself; `output` is the run afterwards.

    `begin` starts or resumes the run, when the first event is asked for; `begun` is told its session, `refresh` its
    output at the end.
    """

    def __init__(
        self,
        begin: Callable[[], "Driven"],
        *,
        view: View,
        begun: Callable[[str], None],
        refresh: Callable[[Any], None] = lambda _: None,
    ) -> None:
        self._begin, self._view, self._begun, self._refresh = begin, view, begun, refresh
        self._followed = False
        self.output: Any = None

    def __iter__(self) -> Iterator[Any]:
        self._followed = True
        with closing(self._driven()) as told:
            for event, driven in told:
                yield from self._view.events(event, driven.machine, driven)
        yield from self._view.last(self.output)

    async def __aiter__(self) -> AsyncIterator[Any]:
        self._followed = True
        async with aclosing(self._adriven()) as told:
            async for event, driven in told:
                made = self._view.events(event, driven.machine, driven)
                for public in await asyncio.to_thread(list, made):
                    yield public
        for public in self._view.last(self.output):
            yield public

    def __await__(self) -> Generator[Any, None, "Driving"]:
        yield from ()  # there is nothing to wait for: awaiting gives the object, to iterate
        return self

    def drained(self) -> Any:
        """Go to the end, and give the run."""
        for _ in self._driven():
            pass
        assert self.output is not None
        return self.output

    async def adrained(self) -> Any:
        """The same, awaited."""
        async for _ in self._adriven():
            pass
        assert self.output is not None
        return self.output

    def _driven(self) -> "Generator[tuple[Event, Driven], None, None]":
        """Drive the run; each of the engine's events once it is saved."""
        driven = self._begin()
        self._begun(driven.machine.inputs.session_id)
        driven.machine.followed = self._followed
        with driven.kept():
            while True:
                with closing(drive(driven.machine, driven.save, begun=driven.begun())) as events:
                    for event in events:
                        yield event, driven
                if not driven.more():
                    break
        self._end(driven)

    async def _adriven(self) -> "AsyncGenerator[tuple[Event, Driven], None]":
        """The same, awaiting."""
        driven = await asyncio.to_thread(self._begin)
        self._begun(driven.machine.inputs.session_id)
        driven.machine.followed = self._followed
        with driven.kept():
            while True:
                async with aclosing(adrive(driven.machine, driven.save, driven.begun())) as events:
                    async for event in events:
                        yield event, driven
                if not await asyncio.to_thread(driven.more):
                    break
        await asyncio.to_thread(self._end, driven)

    def _end(self, driven: "Driven") -> None:
        self.output = self._view.output(driven.machine, driven.facts)
        self._refresh(self.output)
        failure = self._view.failure(driven.machine)
        if failure is not None:
            raise failure


@dataclass(frozen=True, kw_only=True)
class WorkflowView:
    """A workflow's run. `detailed`: every event, and not only those that nobody can do without; `executors`: those of
    agents and teams too."""

    detailed: bool = False
    executors: bool = True

    def events(self, event: Event, machine: Machine, run: Known) -> Iterator[Any]:
        """As spec 3.12 has them."""
        return events_of(event, machine, run, detailed=self.detailed, executors=self.executors)

    def output(self, machine: Machine, facts: Facts) -> WorkflowRunOutput:
        """The run as it stands."""
        return output_of(machine, facts)

    def last(self, output: Any) -> Iterator[Any]:
        """Nothing: WorkflowPaused and WorkflowCompleted carry the output."""
        del output
        return iter(())

    def failure(self, machine: Machine) -> BaseException | None:
        """What the step raised that ended the run."""
        if machine.status is not RunStatus.error:
            return None
        return (machine.failure and machine.failure.cause) or StepFailed(machine.outcome)
