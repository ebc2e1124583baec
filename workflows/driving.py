"""Driving: one `run` or `continue_run` from its begin to its next rest, streamed or not, blocking or awaited.

Streamed and not streamed are one loop: the second drains the first. What a step raised for good is raised at the
end, after everything is saved.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

from workflows.engine.drivers import adrive, drive
from workflows.engine.events import Event
from workflows.run.building import events_of, output_of
from workflows.run.events import BaseWorkflowRunEvent
from workflows.run.output import WorkflowRunOutput
from workflows.types import RunStatus

if TYPE_CHECKING:
    from workflows.ports import Driven


class StepFailed(RuntimeError):
    """A step with on_error=fail has failed, in a process whose exception is gone: its message is what is left."""


class Driving:
    """Iterate it (`for`, or `async for`) for the events; `await` it for itself; `output` is the run afterwards.

    `begin` starts or resumes the run, when the first event is asked for; `begun` is told its session, `refresh` its
    output at the end.
    """

    def __init__(
        self,
        begin: Callable[[], "Driven"],
        *,
        detailed: bool,
        begun: Callable[[str], None],
        refresh: Callable[[WorkflowRunOutput], None] = lambda _: None,
    ) -> None:
        self._begin, self._detailed, self._begun, self._refresh = begin, detailed, begun, refresh
        self.output: WorkflowRunOutput | None = None

    def __iter__(self) -> Iterator[BaseWorkflowRunEvent]:
        with closing(self._driven()) as told:
            for event, driven in told:
                yield from events_of(event, driven.machine, driven, detailed=self._detailed)

    async def __aiter__(self) -> AsyncIterator[BaseWorkflowRunEvent]:
        async with aclosing(self._adriven()) as told:
            async for event, driven in told:
                made = events_of(event, driven.machine, driven, detailed=self._detailed)
                for public in await asyncio.to_thread(list, made):
                    yield public

    def __await__(self) -> Generator[Any, None, "Driving"]:
        yield from ()  # there is nothing to wait for: awaiting gives the object, to iterate
        return self

    def drained(self) -> WorkflowRunOutput:
        """Go to the end, and give the run."""
        for _ in self._driven():
            pass
        assert self.output is not None
        return self.output

    async def adrained(self) -> WorkflowRunOutput:
        """The same, awaited."""
        async for _ in self._adriven():
            pass
        assert self.output is not None
        return self.output

    def _driven(self) -> "Generator[tuple[Event, Driven], None, None]":
        """Drive the run; each of the engine's events once it is saved."""
        driven = self._begin()
        self._begun(driven.machine.inputs.session_id)
        with driven.kept():
            while True:
                with closing(drive(driven.machine, driven.save)) as events:
                    for event in events:
                        yield event, driven
                if not driven.more():
                    break
        self._end(driven)

    async def _adriven(self) -> "AsyncGenerator[tuple[Event, Driven], None]":
        """The same, awaiting."""
        driven = await asyncio.to_thread(self._begin)
        self._begun(driven.machine.inputs.session_id)
        with driven.kept():
            while True:
                async with aclosing(adrive(driven.machine, driven.save)) as events:
                    async for event in events:
                        yield event, driven
                if not await asyncio.to_thread(driven.more):
                    break
        await asyncio.to_thread(self._end, driven)

    def _end(self, driven: "Driven") -> None:
        self.output = output_of(driven.machine, driven.facts)
        self._refresh(self.output)
        if self.output.status is RunStatus.error:
            failure = driven.machine.failure
            raise (failure and failure.cause) or StepFailed(driven.machine.outcome)
