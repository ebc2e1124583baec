"""Steps: a named group of steps that run one after another."""

from typing import Any, ClassVar

from workflows.component import Component, nodes, registered
from workflows.engine.plan import StepsNode
from workflows.step import wrap
from workflows.types import HumanReview, OnReject, StepType


@registered
class Steps(Component):
    """Run the items in order; the group's output is a summary, what flows on is its last item's content."""

    kind: ClassVar[StepType] = StepType.STEPS
    items: ClassVar[tuple[str, ...]] = ("steps",)

    def __init__(
        self,
        name: str | None = None,
        description: str | None = None,
        steps: list[Any] | None = None,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.skip,
        human_review: HumanReview | None = None,
    ) -> None:
        flat = {
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "on_reject": on_reject,
        }
        super().__init__(name=name, description=description, human_review=human_review, flat=flat)
        self.steps = list(steps or ())

    def node(self, position: int) -> StepsNode:
        """The frozen node with its children."""
        return StepsNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            children=nodes(self.steps, wrap),
        )
