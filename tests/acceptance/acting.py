"""What the acceptance tests do with workflows: steps that note their calls, and the four ways to run them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from workflows import CEL_AVAILABLE, StepInput, StepOutput, Workflow
from workflows.run import BaseWorkflowRunEvent, WorkflowRunOutput
from workflows.types import StepRequirement


class Log:
    """The names of the steps that were called, in order; `seen` is what each was given the last time."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.seen: dict[str, StepInput] = {}

    def step(self, name: str, gives: Any = None) -> Callable[[StepInput], Any]:
        """A function that notes its call and gives `gives`, or its name around what it was given: `save(fetch(x))`."""

        def call(step_input: StepInput) -> Any:
            self.note(name, step_input)
            content = step_input.previous_step_content
            return f"{name}({step_input.input if content is None else content})" if gives is None else gives

        call.__name__ = name
        return call

    def fails(self, name: str, times: int = 1000) -> Callable[[StepInput], str]:
        """A function that fails so many times, and then works."""

        def call(step_input: StepInput) -> str:
            self.note(name, step_input)
            if self.calls.count(name) <= times:
                raise ValueError(f"{name} broke")
            return f"{name} worked"

        call.__name__ = name
        return call

    def note(self, name: str, step_input: StepInput) -> None:
        """One more call."""
        self.calls.append(name)
        self.seen[name] = step_input


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to run a workflow, and to continue it."""

    name: str
    streamed: bool
    awaited: bool

    def run(self, workflow: Workflow, input: Any = "x", **given: Any) -> WorkflowRunOutput:
        """Run it to its first rest."""
        method = workflow.arun if self.awaited else workflow.run
        return self._drain(workflow, method(input, stream=self.streamed, **given))

    def resume(self, workflow: Workflow, run: WorkflowRunOutput, **given: Any) -> WorkflowRunOutput:
        """Continue it to its next rest."""
        method = workflow.acontinue_run if self.awaited else workflow.continue_run
        return self._drain(workflow, method(run, stream=self.streamed, **given))

    def _drain(self, workflow: Workflow, doing: Any) -> WorkflowRunOutput:
        if self.awaited:
            done: Any = asyncio.run(collected(doing) if self.streamed else awaited(doing))
        else:
            done = list(doing) if self.streamed else doing
        if not self.streamed:
            return done  # type: ignore[no-any-return]
        session = workflow.get_session()
        assert session is not None
        last: WorkflowRunOutput = session.runs[-1]
        return last


async def awaited(doing: Any) -> Any:
    """The result of what can be awaited."""
    return await doing


async def collected(doing: Any) -> list[BaseWorkflowRunEvent]:
    """The events of an async stream."""
    return [event async for event in doing]


WAYS = (
    Way(name="sync", streamed=False, awaited=False),
    Way(name="streamed", streamed=True, awaited=False),
    Way(name="async", streamed=False, awaited=True),
    Way(name="async streamed", streamed=True, awaited=True),
)


needs_cel = pytest.mark.skipif(not CEL_AVAILABLE, reason="cel-python is an extra")


def asked(run: WorkflowRunOutput) -> StepRequirement:
    """The one requirement of a run that is open."""
    (requirement,) = run.active_step_requirements
    return requirement


def results(run: WorkflowRunOutput) -> dict[str, Any]:
    """The content of each top-level step that left one."""
    return {output.step_name or "": output.content for output in run.step_results}


def reviewed(output: StepOutput | None) -> Any:
    """The content that a reviewer looks at."""
    assert output is not None
    return output.content


def kinds(events: Any) -> list[str]:
    """The events' names, each with its step's."""
    return [" ".join(filter(None, (event.event, getattr(event, "step_name", "")))) for event in events]
