"""Executors: what a step may run besides a function: an agent, a team, a whole workflow as a function.

An agent or team of ours (`workflows.agents`) is part of the plan. One from elsewhere is anything with
`run(text) -> object with .content`; it is called as a function is, and nobody is asked inside it. What either is told
is text: the content of the step before, or the run's input, and after it what people said about the step.
"""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from workflows.engine.functions import StepFunction
from workflows.engine.plan import Node
from workflows.types import ExecutorType, StepInput, StepOutput, WorkflowExecutionInput
from workflows.types.step_io import as_text


@runtime_checkable
class Conversing(Protocol):
    """An agent or team of ours: it is part of the plan, so that its pauses are the run's."""

    name: str

    def node(self, message: Callable[[StepInput], str], **same: Any) -> Node:
        """Its node; `message` makes what it is told, `same` is what its step says of it."""


def conversing(executor: Any, kind: ExecutorType, history: int | None = None) -> StepFunction:
    """An agent or team as a step's function. ValueError for what cannot be run.

    `history` is how many earlier runs it is told of; None: as many as its workflow says.
    """
    if not callable(getattr(executor, "run", None)):
        raise ValueError(f"{executor!r} is no {kind}: it has no run()")
    name = getattr(executor, "name", None) or type(executor).__name__

    def converse(step_input: StepInput) -> StepOutput:
        run = executor.run(message(step_input, history))
        return StepOutput(content=run.content, executor_type=str(kind), executor_name=name)

    return StepFunction(call=converse, name=name, wants=frozenset())


def whole(function: Callable[..., Any], workflow: Any) -> Callable[..., Any]:
    """A function that is a whole workflow, `(execution_input)` or `(workflow, execution_input)`, as a step's."""
    takes_workflow = len(inspect.signature(function).parameters) > 1

    def execute(step_input: StepInput) -> Any:
        fields = WorkflowExecutionInput.__dataclass_fields__
        given = WorkflowExecutionInput(**{name: getattr(step_input, name) for name in fields})
        return function(workflow, given) if takes_workflow else function(given)

    execute.__name__ = getattr(function, "__name__", "execute")
    return execute


def message(step_input: StepInput, history: int | None = None) -> str:
    """What an agent is told (spec 3.2)."""
    content, session = step_input.previous_step_content, step_input.workflow_session
    count = getattr(session, "shared", 0) if history is None else history
    earlier = step_input.get_workflow_history_context(count)
    blocks = [earlier] if earlier else []
    blocks.append(as_text(step_input.input if content is None else content))
    notes = step_input.additional_data or {}
    if notes.get("user_input"):
        lines = "\n".join(f"- {name}: {as_text(value)}" for name, value in notes["user_input"].items())
        blocks.append(f"User preferences:\n{lines}")
    if notes.get("previous_output") is not None:
        blocks.append(f"Your previous output:\n{as_text(notes['previous_output'])}")
    if notes.get("rejection_feedback"):
        blocks.append(f"The reviewer's feedback:\n{notes['rejection_feedback']}")
    return "\n\n".join(blocks)
