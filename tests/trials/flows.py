"""The workflow of the trials: each step notes that it was called, before it does anything else."""

import os
from pathlib import Path

from workflows import Step, StepInput, Workflow
from workflows.types import HumanReview

CALLS = "calls"


def note(name: str, step_input: StepInput) -> None:
    """One line, written whole."""
    line = f"{step_input.input['trial']} {name}\n"
    calls = os.open(Path(os.environ["TRIAL_DIR"]) / CALLS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(calls, line.encode())
    os.close(calls)


def before(step_input: StepInput) -> str:
    note("before", step_input)
    return "ready"


def act(step_input: StepInput) -> str:
    note("act", step_input)
    return "done"


def after(step_input: StepInput) -> str:
    note("after", step_input)
    return "told"


def steps(**policy: object) -> list[Step]:
    """Before and after may run again; what was approved may not."""
    gate = HumanReview(requires_confirmation=True, **policy)  # type: ignore[arg-type]
    return [
        Step("before", before, repeatable=True),
        Step("act", act, human_review=gate),
        Step("after", after, repeatable=True),
    ]


at_once = Workflow(id="trial-at-once", steps=steps())
held = Workflow(id="trial-held", steps=steps(hold=1))
unanswered = Workflow(id="trial-unanswered", steps=steps(timeout=1, on_timeout="approve"))
