"""Condition: one of two groups of steps, decided by a function, by a CEL expression, or by a person."""

from collections.abc import Callable
from typing import Any, ClassVar

from workflows import cel
from workflows.component import Component, nodes, registered
from workflows.engine.functions import StepFunction
from workflows.engine.plan import ConditionNode, StepsNode, placed
from workflows.step import wrap
from workflows.types import HumanReview, OnError, OnReject, StepType
from workflows.types.human_review import member


@registered
class Condition(Component):
    """Run `steps` when `evaluator` is true, else `else_steps`. Where a person is asked, they decide: yes is `steps`.

    `on_reject` is "else" when given flat or not at all; in `human_review=` its own default, "skip", holds (page 004).
    """

    kind: ClassVar[StepType] = StepType.CONDITION
    takes_on_error: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = ("evaluator",)
    items: ClassVar[tuple[str, ...]] = ("steps", "else_steps")

    def __init__(
        self,
        steps: list[Any] | Any = None,
        evaluator: bool | str | Callable[..., Any] = True,
        else_steps: list[Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.else_branch,
        on_error: OnError | str = OnError.skip,
        human_review: HumanReview | None = None,
    ) -> None:
        flat = {
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "on_reject": on_reject,
            "on_error": on_error,
        }
        super().__init__(name=name, description=description, human_review=human_review, flat=flat)
        self.steps = list(steps) if isinstance(steps, list | tuple) else [steps] if steps is not None else []
        self.else_steps = None if else_steps is None else list(else_steps)
        self.evaluator = evaluator
        self._evaluator = evaluator if isinstance(evaluator, bool) else _function(evaluator)

    def node(self, position: int) -> ConditionNode:
        """The frozen node with its branches."""
        branches = [StepsNode(name="if", children=nodes(self.steps, wrap))]
        if self.else_steps:
            branches.append(StepsNode(name="else", children=nodes(self.else_steps, wrap)))
        return ConditionNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            children=placed(branches),
            evaluator=self._evaluator,
            on_error=member(OnError, self.human_review.on_error or OnError.skip, "on_error"),
        )


def _function(evaluator: str | Callable[..., Any]) -> StepFunction:
    return StepFunction.of(cel.evaluator(evaluator) if isinstance(evaluator, str) else evaluator)
