"""ToolExecution: one call of a tool as scripts see it, and what is said of it (spec 2.9)."""

import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from workflows.agents.approvals import ApprovalType
from workflows.agents.forms import Answerable, UserFeedbackQuestion, UserInputField, made
from workflows.types import RequirementKind

# What is asked about a call, by the field that says so; feedback is what has questions.
FLAGS = {
    RequirementKind.tool_confirmation: "requires_confirmation",
    RequirementKind.tool_input: "requires_user_input",
    RequirementKind.external_execution: "external_execution_required",
}


@dataclass
class ToolExecution(Answerable):
    """One call of a tool: what the model wants, what is asked about it, and what came of it."""

    ANSWERS: ClassVar[tuple[str, ...]] = ("confirmed", "answered", "result")

    tool_call_id: str | None = None
    tool_name: str | None = None
    tool_args: dict[str, Any] | None = None
    tool_call_error: bool | None = None
    result: Any = None
    metrics: Any = None
    child_run_id: str | None = None
    stop_after_tool_call: bool = False
    created_at: int = field(default_factory=lambda: int(time.time()))
    requires_confirmation: bool | None = None
    confirmed: bool | None = None
    confirmation_note: str | None = None
    requires_user_input: bool | None = None
    user_input_schema: list[UserInputField] | None = None
    user_feedback_schema: list[UserFeedbackQuestion] | None = None
    answered: bool | None = None
    external_execution_required: bool | None = None
    external_execution_silent: bool | None = None
    approval_type: ApprovalType | str | None = None
    approval_id: str | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, made(name, value))
        if name == "user_input_schema" and "_made" in vars(self):
            for filled in (field for field in self.user_input_schema or () if field.value is not None):
                filled.value = filled.value  # a form that is put here later is an answer

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, without what is not set."""
        return super().to_dict() | ({"answered": True} if self.is_filled else {})

    @property
    def is_paused(self) -> bool:
        """A person is, or was, asked about it."""
        return bool(
            self.requires_confirmation
            or self.requires_user_input
            or self.user_feedback_schema
            or self.external_execution_required
        )

    @property
    def is_filled(self) -> bool:
        """The form is filled in, and not only by the model."""
        form = self.user_input_schema or ()
        return any(field.assigned_at for field in form) and not any(field.is_open for field in form)

    @property
    def is_chosen(self) -> bool:
        """Each question has its answer."""
        return all(question.chosen for question in self.user_feedback_schema or ())

    @property
    def answerables(self) -> Iterator[Answerable]:
        """Itself and everything in it that can be answered."""
        yield self
        yield from self.user_input_schema or ()
        for question in self.user_feedback_schema or ():
            yield question
            yield from question.options or ()

    @classmethod
    def of(cls, kind: RequirementKind, tool: Mapping[str, Any], asked_at: datetime) -> Self:
        """The call as it stood when somebody was asked about it."""
        form = [UserInputField.from_dict(field) for field in tool.get("fields") or ()]
        questions = [UserFeedbackQuestion.from_dict(question) for question in tool.get("questions") or ()]
        flags: dict[str, Any] = {FLAGS[kind]: True} if kind in FLAGS else {}
        return cls(
            tool_call_id=tool["call_id"],
            tool_name=tool["name"],
            tool_args=deepcopy(tool["args"]),
            user_input_schema=form if kind is RequirementKind.tool_input else None,
            user_feedback_schema=questions if kind is RequirementKind.feedback else None,
            external_execution_silent=tool.get("silent") or None,
            approval_type=tool.get("approval"),
            created_at=int(asked_at.timestamp()),
            **flags,
        )

    def take(self, upper: list[Any], lower: list[Any]) -> None:
        """Fill in from one form, or questions, what is still open in another; where this was the last of it, the
        call is answered."""
        given = {_key(item): value for item in upper if (value := _value(item)) is not None}
        filled = [item for item in lower if _value(item) is None and _key(item) in given]
        for item in filled:
            if isinstance(item, UserInputField):
                item.value = given[_key(item)]
            else:
                item.selected_options = given[_key(item)]
        if filled and self.answered is None and not any(_value(item) is None for item in lower):
            self.answered = True


def _key(item: UserInputField | UserFeedbackQuestion) -> str:
    return item.name if isinstance(item, UserInputField) else item.question


def _value(item: UserInputField | UserFeedbackQuestion) -> Any:
    return item.value if isinstance(item, UserInputField) else item.chosen or None
