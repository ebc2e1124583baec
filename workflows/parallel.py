"""Parallel: items that run side by side; each may pause by itself."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from workflows.component import Component, nodes, registered
from workflows.engine.plan import ParallelNode
from workflows.step import wrap
from workflows.types import HumanReview, StepType


@registered
class Parallel(Component):
    """Run every item on the same input. A string that comes first is the name. Only a confirmation before the
    branches start can be asked here; the branches ask whatever they ask."""

    kind: ClassVar[StepType] = StepType.PARALLEL
    items: ClassVar[tuple[str, ...]] = ("steps",)

    def __init__(
        self,
        *steps: Any,
        name: str | None = None,
        description: str | None = None,
        human_review: HumanReview | None = None,
    ) -> None:
        if steps and isinstance(steps[0], str):
            name, steps = name or steps[0], steps[1:]
        super().__init__(name=name, description=description, human_review=human_review, flat={})
        self.steps = list(steps)

    def node(self, position: int) -> ParallelNode:
        """The frozen node with its branches."""
        return ParallelNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            children=nodes(self.steps, wrap),
        )

    @classmethod
    def made(cls, given: dict[str, Any], data: Mapping[str, Any]) -> Self:
        """With its branches in their places."""
        del data
        return cls(*given.pop("steps", ()), **given)
