"""Router: some of several steps, chosen by a function, by a CEL expression, or by a person."""

from collections.abc import Callable
from typing import Any, ClassVar

from workflows import cel
from workflows.component import Component, nodes, registered
from workflows.engine.functions import StepFunction
from workflows.engine.plan import RouterNode
from workflows.step import wrap
from workflows.steps import Steps
from workflows.types import HumanReview, OnReject, StepType, UserInputField


@registered
class Router(Component):
    """Run the chosen ones of `choices`, in order. `selector` gives a choice's name, a step of that name, or a list.

    With requires_user_input a person chooses (several, if `allow_multiple_selections`); with requires_confirmation
    a person sees what the selector proposes; with an output review and on_reject=retry they choose again.
    ValueError without choices, and without anybody or anything that chooses.
    """

    kind: ClassVar[StepType] = StepType.ROUTER
    supported: ClassVar[tuple[str, ...]] = (
        "requires_confirmation",
        "requires_user_input",
        "requires_output_review",
    )
    settings: ClassVar[tuple[str, ...]] = ("selector", "allow_multiple_selections")
    items: ClassVar[tuple[str, ...]] = ("choices",)

    def __init__(
        self,
        choices: list[Any] | None = None,
        selector: str | Callable[..., Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        requires_user_input: bool = False,
        user_input_message: str | None = None,
        allow_multiple_selections: bool = False,
        user_input_schema: list[UserInputField] | list[dict[str, Any]] | None = None,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.skip,
        requires_output_review: bool | Callable[..., Any] = False,
        output_review_message: str | None = None,
        hitl_max_retries: int | None = 3,
        human_review: HumanReview | None = None,
    ) -> None:
        flat = {
            "requires_user_input": requires_user_input,
            "user_input_message": user_input_message,
            "user_input_schema": user_input_schema,
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "on_reject": on_reject,
            "requires_output_review": requires_output_review,
            "output_review_message": output_review_message,
            "max_retries": hitl_max_retries,
        }
        super().__init__(name=name, description=description, human_review=human_review, flat=flat)
        if not choices:
            raise ValueError(f"Router '{name}' needs choices")
        self.choices, self.selector = list(choices), selector
        self.allow_multiple_selections = allow_multiple_selections
        chooses = cel.selector(selector) if isinstance(selector, str) else selector
        self._selector = StepFunction.of(chooses) if chooses is not None else None

    def node(self, position: int) -> RouterNode:
        """The frozen node with its choices."""
        return RouterNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            children=nodes([_group(choice, index) for index, choice in enumerate(self.choices)], wrap),
            selector=self._selector,
            allow_multiple=self.allow_multiple_selections,
        )


def _group(choice: Any, index: int) -> Any:
    """A list among the choices is a group of steps."""
    return Steps(name=f"steps_group_{index}", steps=choice) if isinstance(choice, list) else choice
