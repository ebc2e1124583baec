"""Workflows for tests with processes of their own. Their steps note each call in the directory that the input names."""

import os
import time
from pathlib import Path

from workflows import Step, StepInput, Workflow

CALLS, BARRIER = "calls", "barrier"


def note(step_input: StepInput, name: str) -> Path:
    """Write down that a step was called, and under which key; give the directory back."""
    directory = Path(step_input.input["directory"])
    with (directory / CALLS).open("a") as calls:
        calls.write(f"{name} {step_input.idempotency_key}\n")
    return directory


def before(step_input: StepInput) -> str:
    """Come before the question."""
    note(step_input, "before")
    return "ready"


def act(step_input: StepInput) -> str:
    """Do what must happen exactly once."""
    note(step_input, "act")
    return "done"


def after(step_input: StepInput) -> str:
    """Come last."""
    note(step_input, "after")
    return "told"


def hold(step_input: StepInput) -> str:
    """Block until the test has opened the other end of the named pipe, and closed it."""
    (note(step_input, "hold") / BARRIER).read_text()
    return "held"


def fall(step_input: StepInput) -> str:
    """Take the process down."""
    note(step_input, "fall")
    os._exit(1)


def crowd(step_input: StepInput) -> str:
    """Say when it begins and ends, so that it can be seen who was there at the same time."""
    note(step_input, "in")
    time.sleep(0.05)  # work that takes a while
    note(step_input, "out")
    return "served"


gate = Workflow(
    id="gate", steps=[before, Step("act", act, requires_confirmation=True, irreversible=True), after]
)
long = Workflow(id="long", steps=[Step("hold", hold), after])
narrow = Workflow(id="narrow", steps=[Step("crowd", crowd)])
fatal = Workflow(id="fatal", steps=[Step("fall", fall, repeatable=True), after])
repeatable = Workflow(id="repeatable", steps=[Step("hold", hold, repeatable=True), after])
