"""Outlines of every primitive, as registering a workflow writes them, and records as the engine does."""

from typing import Any

from django.utils import timezone

from workflows import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from workflows.models import StepRecord, WorkflowRun


def nothing(step_input: Any) -> None:
    """Never called: outlines are drawn, not run."""


def step(name: str, **settings: Any) -> Step:
    """A step of that name."""
    return Step(name, nothing, **settings)


def outline_of(*items: Any) -> dict[str, Any]:
    """The outline of a workflow of these items."""
    return Workflow(id="refund", steps=list(items)).plan.outline


LOOP = Loop(name="refine", steps=[step("draft"), step("7")], max_iterations=5)
ROUTER = Router(name="way", choices=[step("fast"), step("slow")], requires_user_input=True)
CONDITION = Condition(name="large", steps=[step("ask"), step("reserve")], else_steps=[step("book")])
PARALLEL = Parallel("sides", step("left"), Steps(name="right", steps=[step("one")]))
EVERYTHING = outline_of(LOOP, ROUTER, CONDITION, PARALLEL)


def record(path: str, status: str = "completed", **fields: Any) -> StepRecord:
    """What happened at a path, not saved; `route` is what a try at a router remembers."""
    made = StepRecord(path=path, name=path, kind="Step", status=status)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def kept(run: WorkflowRun, path: str, status: str = "completed", **fields: Any) -> StepRecord:
    """The same, in the database."""
    now = timezone.now()
    finished = None if status in ("pending", "running", "waiting") else now
    return run.records.create(
        path=path, name=path, kind="Step", status=status, started_at=now, finished_at=finished, **fields
    )
