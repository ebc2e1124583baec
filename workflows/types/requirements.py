"""StepRequirement and ErrorRequirement: what a script sees of a question, and where its answer goes (spec 2.3, 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self, cast

from workflows.engine import values
from workflows.types.enums import Action, ExecutorType, OnReject, OnTimeout
from workflows.types.field_checks import plain
from workflows.types.fields import InputErrors, UserInputField, shown_fields
from workflows.types.later import Later
from workflows.types.step_io import StepInput, StepOutput

# Assigning one of these is an answer, however it is done; the time of it decides against a deadline.
ANSWERS = ("confirmed", "user_input", "selected_choices", "edited_output")

# Written only where there is an executor pause.
EXECUTOR = (
    "requires_executor_input",
    "executor_requirements",
    "executor_id",
    "executor_name",
    "executor_run_id",
    "executor_type",
    "executor_session_id",
)


@dataclass
class StepRequirement:
    """One question about a step, and the answer to it. Answer with the methods, or by assigning `confirmed`,
    `user_input`, `selected_choices`; then `continue_run`. `path` and `key` say which question of the run it is."""

    step_id: str
    step_name: str | None = None
    step_index: int | None = None
    step_type: str | None = None
    requires_confirmation: bool = False
    confirmation_message: str | None = None
    confirmed: bool | None = None
    on_reject: OnReject | str = OnReject.cancel
    requires_user_input: bool = False
    user_input_message: str | None = None
    user_input_schema: list[UserInputField] | None = None
    user_input: dict[str, Any] | None = None
    requires_route_selection: bool = False
    available_choices: list[str] | None = None
    choice_descriptions: dict[str, str] | None = None
    proposed_choices: list[str] | None = None
    allow_multiple_selections: bool = False
    selected_choices: list[str] | None = None
    step_input: StepInput | None = None
    requires_executor_input: bool = False
    executor_requirements: list[Any] | None = None
    executor_id: str | None = None
    executor_name: str | None = None
    executor_run_id: str | None = None
    executor_type: ExecutorType | str | None = None
    executor_session_id: str | None = None
    requires_output_review: bool = False
    output_review_message: str | None = None
    step_output: StepOutput | None = cast(Any, Later())  # noqa: RUF009  it keeps nothing itself
    is_post_execution: bool = False
    rejection_feedback: str | None = None
    edited_output: Any = None
    retry_count: int = 0
    max_retries: int | None = None
    timeout_at: datetime | None = None
    on_timeout: OnTimeout | str = OnTimeout.cancel
    path: str = ""
    key: str = ""
    is_edited: bool = False
    answered_at: datetime | None = field(default=None)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in ANSWERS and value is not None:
            object.__setattr__(self, "answered_at", datetime.now(UTC))

    # Answers.

    def confirm(self) -> None:
        """Yes."""
        self.confirmed = True

    def reject(self, feedback: str | None = None) -> None:
        """No; with feedback, the step sees it when it is done again."""
        self.confirmed = False
        if feedback is not None:
            self.rejection_feedback = feedback

    def edit(self, new_output: Any) -> None:
        """Yes, with another output. ValueError where there is no output to edit."""
        if not self.requires_output_review:
            raise ValueError(f"Step '{self.step_name}' has no output to edit: it has not run yet")
        self.confirmed, self.edited_output, self.is_edited = True, new_output, True

    def set_user_input(self, validate: bool = True, **values: Any) -> None:
        """Fill in fields, all at once or one by one. ValueError names each given value that does not fit."""
        by_name = {field.name: field for field in self.user_input_schema or ()}
        values = {name: plain(value) if name in by_name else value for name, value in values.items()}
        if validate:
            given = {name: by_name[name].problem(value) for name, value in values.items() if name in by_name}
            problems = {name: problem for name, problem in given.items() if problem}
            if problems:
                raise InputErrors(problems)
        self.user_input = {**(self.user_input or {}), **values}
        for name in values.keys() & by_name.keys():
            by_name[name].value = values[name]

    def get_user_input(self, name: str) -> Any:
        """What was filled in, or None."""
        return (self.user_input or {}).get(name)

    def select(self, *choices: str) -> None:
        """Choose a route, or several where that is allowed."""
        if len(choices) > 1 and not self.allow_multiple_selections:
            raise ValueError("This router only allows single selection. Use select() with one choice.")
        unknown = [choice for choice in choices if choice not in (self.available_choices or ())]
        if unknown or not choices:
            available = ", ".join(self.available_choices or ())
            raise ValueError(f"Unknown route: {', '.join(unknown) or 'none'}. Available choices: {available}")
        self.selected_choices = list(choices)

    def select_single(self, choice: str) -> None:
        """Choose exactly one route."""
        self.select(choice)

    def select_multiple(self, choices: list[str]) -> None:
        """Choose several routes; they run in the order of the router's choices."""
        if not self.allow_multiple_selections:
            raise ValueError("This router does not allow multiple selections.")
        self.select(*choices)

    # What is still open.

    @property
    def needs_confirmation(self) -> bool:
        """A yes or no before the step is missing."""
        return self.requires_confirmation and not self.requires_output_review and self.confirmed is None

    @property
    def needs_output_review(self) -> bool:
        """A yes or no about an output is missing."""
        return self.requires_output_review and self.confirmed is None

    @property
    def needs_user_input(self) -> bool:
        """A required field, or anything at all where there are no fields, is missing."""
        if not self.requires_user_input or self.confirmed is False:
            return False
        if self.user_input_schema:
            shown = shown_fields(self.user_input_schema, self.user_input or {})
            return any(field.required and field.value is None for field in shown)
        return not self.user_input

    @property
    def needs_route_selection(self) -> bool:
        """No route was chosen."""
        return self.requires_route_selection and self.confirmed is not False and not self.selected_choices

    @property
    def needs_executor_resolution(self) -> bool:
        """A tool call inside the step waits; anything that cannot say so counts as waiting."""
        if not self.requires_executor_input:
            return False
        return any(not _resolved(inner) for inner in self.executor_requirements or ())

    @property
    def is_resolved(self) -> bool:
        """Nothing is missing."""
        return not (
            self.needs_confirmation
            or self.needs_output_review
            or self.needs_user_input
            or self.needs_route_selection
            or self.needs_executor_resolution
        )

    @property
    def is_timed_out(self) -> bool:
        """The deadline has passed."""
        return self.timeout_at is not None and datetime.now(UTC) >= self.timeout_at

    # As data.

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean; executor_* keys only for an executor pause, schema, input and output only where present."""
        skipped = {"step_input", "step_output", "user_input_schema", "edited_output", "is_edited", *EXECUTOR}
        data = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skipped}
        data |= {"on_reject": str(self.on_reject), "on_timeout": str(self.on_timeout)}
        for name in ("timeout_at", "answered_at"):
            data[name] = data[name].isoformat() if data[name] else None
        if self.user_input_schema is not None:
            data["user_input_schema"] = [field.to_dict() for field in self.user_input_schema]
        if self.is_edited or self.edited_output is not None:
            data["edited_output"] = values.tagged(self.edited_output)
        for name in ("step_input", "step_output"):
            if getattr(self, name) is not None:
                data[name] = getattr(self, name).to_dict()
        return data | (self._executor_dict() if self.requires_executor_input else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The requirement that `to_dict` described; ValueError on input that does not fit."""
        known: dict[str, Any] = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        for name in ("timeout_at", "answered_at"):
            if isinstance(known.get(name), str):
                known[name] = datetime.fromisoformat(known[name])
        if known.get("user_input_schema") is not None:
            known["user_input_schema"] = [UserInputField.of(field) for field in known["user_input_schema"]]
        if isinstance(known.get("step_input"), Mapping):
            known["step_input"] = StepInput.from_dict(known["step_input"])
        if isinstance(known.get("step_output"), Mapping):
            known["step_output"] = StepOutput.from_dict(known["step_output"])
        if "edited_output" in data:
            known |= {"is_edited": True, "edited_output": values.untagged(data["edited_output"])}
        requirement = cls(**known)
        requirement._check_supplied()
        return requirement

    def _check_supplied(self) -> None:
        if not self.user_input or not self.user_input_schema:
            return
        try:
            answered = self.answered_at
            self.set_user_input(**self.user_input)
            self.answered_at = answered or self.answered_at
        except InputErrors as wrong:
            raise ValueError(f"Invalid user_input for step '{self.step_name}': {wrong}") from None

    def _executor_dict(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in EXECUTOR}
        data["executor_type"] = str(self.executor_type) if self.executor_type else None
        inner = self.executor_requirements or ()
        data["executor_requirements"] = [r.to_dict() if hasattr(r, "to_dict") else r for r in inner]
        return data


@dataclass
class ErrorRequirement:
    """A step that failed and waits for a person: `retry()` or `skip()`, then `continue_run`."""

    step_id: str
    step_name: str | None = None
    step_index: int | None = None
    error_message: str = ""
    error_type: str | None = None
    retry_count: int = 0
    decision: str | None = None
    step_input: StepInput | None = None
    path: str = ""
    key: str = ""

    def retry(self) -> None:
        """Do the step again from scratch."""
        self.decision = Action.retry.value

    def skip(self) -> None:
        """Go on without it."""
        self.decision = Action.skip.value

    @property
    def needs_decision(self) -> bool:
        """Nobody has decided."""
        return self.decision is None

    @property
    def is_resolved(self) -> bool:
        """Somebody has."""
        return self.decision is not None

    @property
    def should_retry(self) -> bool:
        """The decision was: again."""
        return self.decision == Action.retry

    @property
    def should_skip(self) -> bool:
        """The decision was: without it."""
        return self.decision == Action.skip

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean, without the step's input."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "step_input"}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The requirement that `to_dict` described."""
        return cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})


def _resolved(inner: Any) -> bool:
    """Whether a tool-level requirement, an object or a dict of one, is answered; unknown shapes are not."""
    resolved = getattr(inner, "is_resolved", None)
    if resolved is not None:
        return bool(resolved() if callable(resolved) else resolved)
    if not isinstance(inner, Mapping):
        return False
    call = inner.get("tool_execution") or {}
    answers = (inner.get("confirmation"), call.get("confirmed"), call.get("answered"), call.get("result"))
    return any(answer is not None for answer in answers)
