"""Workflow: a definition by its author. What it means is its plan; who runs it is not its business."""

import re
from functools import cached_property
from typing import Any

from workflows.component import nodes
from workflows.engine.plan import Plan, StepsNode
from workflows.step import wrap
from workflows.types import StepType


class Workflow:
    """A named list of steps. `id` is what runs and webhooks call it; by default the name in lower-case with dashes.

    Raises ValueError when it has no name, no steps, or an item that is not a step.
    """

    def __init__(
        self,
        id: str | None = None,
        name: str | None = None,
        description: str | None = None,
        steps: list[Any] | None = None,
    ) -> None:
        if not (name or id):
            raise ValueError("a workflow needs a name")
        if not steps:
            raise ValueError(f"Workflow '{name or id}' needs steps")
        self.name: str = name or id or ""
        self.id: str = id or slug(self.name)
        self.description, self.steps = description, list(steps)
        self.plan  # noqa: B018  built now, so that a mistake is told where it was made

    @cached_property
    def plan(self) -> Plan:
        """The frozen tree that the engine walks."""
        root = StepsNode(name=self.name, kind=StepType.WORKFLOW, children=nodes(self.steps, wrap))
        return Plan(name=self.id, title=self.name, description=self.description or "", root=root)


def slug(name: str) -> str:
    """A name as an id: lower-case words with dashes between them."""
    words = re.findall(r"[^\W_]+", name.lower())
    return "-".join(words) or "workflow"
