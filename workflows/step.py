"""Step: one function of the author's, and what people are asked before and after it."""

from collections.abc import Callable
from typing import Any, ClassVar

from workflows.component import Component
from workflows.decorators import stamped
from workflows.engine.functions import StepFunction
from workflows.engine.plan import StepNode
from workflows.types import HumanReview, OnError, OnReject, OnTimeout, StepType, UserInputField
from workflows.types.human_review import member, refuse_negative

RISKS = ("low", "normal", "high")


class Step(Component):
    """Run `executor`, a function that takes a StepInput and returns a StepOutput or any data.

    `max_retries` are the program's own tries after an exception (no delay); then `on_error` says what happens.
    `hitl_max_retries` limits how often people may send the output back (on_reject=retry). `repeatable` (ours): a
    call that a crash has cut off simply runs again, else a person is asked. `irreversible` and `risk` (ours: low,
    normal, high) are shown to whoever decides. Raises ValueError on settings that do not go together.
    """

    kind: ClassVar[StepType] = StepType.STEP
    takes_on_error: ClassVar[bool] = True
    supported: ClassVar[tuple[str, ...]] = (
        "requires_confirmation",
        "requires_user_input",
        "requires_output_review",
    )

    def __init__(
        self,
        name: str | None = None,
        executor: Callable[..., Any] | None = None,
        *,
        description: str | None = None,
        max_retries: int = 3,
        skip_on_failure: bool = False,
        requires_confirmation: bool = False,
        confirmation_message: str | None = None,
        on_reject: OnReject | str = OnReject.skip,
        requires_user_input: bool = False,
        user_input_message: str | None = None,
        user_input_schema: list[UserInputField] | list[dict[str, Any]] | None = None,
        on_error: OnError | str = OnError.skip,
        requires_output_review: bool | Callable[..., Any] = False,
        output_review_message: str | None = None,
        hitl_max_retries: int | None = 3,
        hitl_timeout: int | None = None,
        on_timeout: OnTimeout | str = OnTimeout.cancel,
        human_review: HumanReview | None = None,
        repeatable: bool = False,
        irreversible: bool = False,
        risk: str = "normal",
    ) -> None:
        if executor is None:
            raise ValueError(f"Step '{name}' must have one executor: executor=")
        refuse_negative("max_retries", max_retries)
        if max_retries is None:  # unlike people's limit: a program that tries for ever would never tell
            raise ValueError("max_retries=None is not a number of tries")
        if risk not in RISKS:
            raise ValueError(f"risk={risk!r} is not one of {', '.join(RISKS)}")
        pause_name, defaults = stamped(executor)
        given = {
            "requires_confirmation": requires_confirmation,
            "confirmation_message": confirmation_message,
            "requires_user_input": requires_user_input,
            "user_input_message": user_input_message,
            "user_input_schema": user_input_schema,
        }
        flat = {field: value or defaults.get(field, value) for field, value in given.items()}
        flat |= {
            "on_reject": on_reject,
            "on_error": on_error,
            "requires_output_review": requires_output_review,
            "output_review_message": output_review_message,
            "max_retries": hitl_max_retries,
            "timeout": hitl_timeout,
            "on_timeout": on_timeout,
        }
        self.executor = executor
        self._function = StepFunction.of(executor)
        super().__init__(
            name=name or pause_name or self._function.name,
            description=description,
            human_review=human_review,
            flat=flat,
        )
        self.max_retries, self.skip_on_failure = max_retries, skip_on_failure
        self.repeatable, self.irreversible, self.risk = repeatable, irreversible, risk

    def node(self, position: int) -> StepNode:
        """The frozen node."""
        return StepNode(
            name=self.named(position),
            description=self.description or "",
            review=self.human_review,
            function=self._function,
            max_retries=self.max_retries,
            skip_on_failure=self.skip_on_failure,
            on_error=member(OnError, self.human_review.on_error or OnError.skip, "on_error"),
            repeatable=self.repeatable,
            irreversible=self.irreversible,
            risk=self.risk,
        )


def wrap(item: Any) -> Component:
    """A component of a bare function. ValueError for what is neither."""
    if callable(item) and not isinstance(item, type):
        return Step(executor=item)
    raise ValueError(f"Invalid step type: {type(item).__name__}")
