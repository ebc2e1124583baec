"""Loop: steps that run again until they are good enough: by a function, by a CEL expression, or by a person."""

from collections.abc import Callable
from typing import Any, ClassVar

from workflows import cel
from workflows.component import Component, nodes, registered
from workflows.engine.functions import StepFunction
from workflows.engine.plan import LoopNode
from workflows.step import wrap
from workflows.types import HumanReview, OnReject, StepType


@registered
class Loop(Component):
    """Run `steps` at most `max_iterations` times; `end_condition` gets the outputs of the iteration that just ended.

    With `forward_iteration_output` an iteration's last content is the next one's input. ValueError for a loop
    without a bound.
    """

    kind: ClassVar[StepType] = StepType.LOOP
    supported: ClassVar[tuple[str, ...]] = ("requires_confirmation", "requires_iteration_review")
    settings: ClassVar[tuple[str, ...]] = ("max_iterations", "end_condition", "forward_iteration_output")
    items: ClassVar[tuple[str, ...]] = ("steps",)

    def __init__(
        self,
        steps: list[Any] | Any = None,
        name: str | None = None,
        description: str | None = None,
        max_iterations: int = 3,
        end_condition: str | Callable[..., Any] | None = None,
        forward_iteration_output: bool = False,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.skip,
        requires_iteration_review: bool = False,
        iteration_review_message: str | None = None,
        human_review: HumanReview | None = None,
    ) -> None:
        flat = {
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "on_reject": on_reject,
            "requires_iteration_review": requires_iteration_review,
            "iteration_review_message": iteration_review_message,
        }
        super().__init__(name=name, description=description, human_review=human_review, flat=flat)
        if type(max_iterations) is not int or max_iterations < 1:
            raise ValueError(
                f"Loop '{name}' needs a bound: max_iterations={max_iterations!r} is not at least 1"
            )
        self.steps = list(steps) if isinstance(steps, list | tuple) else [steps] if steps is not None else []
        self.max_iterations, self.end_condition = max_iterations, end_condition
        self.forward_iteration_output = forward_iteration_output
        ends = cel.end_condition(end_condition) if isinstance(end_condition, str) else end_condition
        self._ends = StepFunction.of(ends) if ends is not None else None

    def node(self, position: int) -> LoopNode:
        """The frozen node with its body."""
        return LoopNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            children=nodes(self.steps, wrap),
            max_iterations=self.max_iterations,
            end_condition=self._ends,
            forward_output=self.forward_iteration_output,
        )
