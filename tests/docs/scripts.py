"""Small parts of scripts that the tests of docs and pages are made of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows import StepInput, StepOutput, Workflow
from workflows.db import SqliteDb
from workflows.hop import hop


def says(content: Any) -> Callable[[StepInput], StepOutput]:
    """A step's function that says the same whatever it is given."""
    return lambda step_input: StepOutput(content=content)


def hands_on(step_input: StepInput) -> str:
    """A step's function that says what the step before said."""
    return f"report on: {step_input.previous_step_content}"


def a_flow(*steps: Any) -> Workflow:
    """A workflow around what a sample has built."""
    return Workflow(name="flow", db=SqliteDb("workflow.db"), steps=list(steps))


def names(output: StepOutput) -> list[str | None]:
    """The steps inside a composite's output."""
    return [inner.step_name for inner in output.steps or ()]


def let_deadlines_pass(workflow: Workflow) -> None:
    """Put the deadlines of what is open into the past."""
    from workflows.models import Requirement

    using = workflow.db.runs.using  # type: ignore[union-attr]
    past = datetime.now(UTC) - timedelta(seconds=1)
    hop(lambda: Requirement.objects.using(using).open().update(timeout_at=past))
