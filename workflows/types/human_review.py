"""HumanReview: everything that people are asked around one node of a workflow, in one object (page 004)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, Self, TypeVar

from workflows.references import reference, resolve
from workflows.types.business_hours import BusinessHours
from workflows.types.enums import OnError, OnReject, OnTimeout
from workflows.types.fields import UserInputField, check_form
from workflows.types.review_policy import Circle, Escalation, ReviewPolicy
from workflows.types.step_io import StepInput, StepOutput

Member = TypeVar("Member", bound=StrEnum)

# Some people, as authors write them: see `Circle.of`; or a function of the step's input that says which.
People = Circle | str | Iterable[str] | dict[str, Any]
Chosen = People | Callable[[StepInput], Any]

# What says who decides a requirement, and by when: fields of ReviewPolicy.
POLICY = (
    "deciders",
    "viewers",
    "quorum",
    "rejections",
    "four_eyes",
    "exclusive",
    "priority",
    "risk",
    "hold",
    "due",
    "remind_after",
    "escalate",
    "business_hours",
)

# The order in which an unsupported request is looked for; the first one found is named.
REQUESTS = (
    "requires_output_review",
    "requires_user_input",
    "requires_iteration_review",
    "requires_confirmation",
)


def member(enum: type[Member], value: Any, field: str) -> Member:
    """The enum's member for a member or its string; ValueError names the field and the choices."""
    try:
        return enum(value)
    except ValueError:
        choices = ", ".join(repr(choice.value) for choice in enum)
        raise ValueError(f"{field}={value!r} is not one of {choices}") from None


@dataclass(kw_only=True)
class HumanReview:
    """What people are asked before and after a node, and what their answer (or silence) causes.

    `timeout` is in seconds. `on_error` and `on_timeout` may be None: "not set", which means skip and cancel.
    `max_retries` counts rejections with on_reject=retry: 0 allows none, None any number.
    Raises ValueError on an unknown policy, a negative number, or on both kinds of review at once (page 004).

    The rest is ours: who decides in the portal, and by when (see `ReviewPolicy`). What is None is the workflow's to
    say, where admins set its policy, and then the portal's. `deciders` and `viewers` are a group's name, several,
    or {"groups": [...], "users": [...]}; or a function that is given the StepInput when the step is reached and
    gives one of these. Where that raises or names nobody, admins alone decide.
    """

    requires_confirmation: bool = False
    confirmation_message: str | None = None
    requires_user_input: bool = False
    user_input_message: str | None = None
    user_input_schema: list[UserInputField] | None = None
    requires_output_review: bool | Callable[[StepOutput], Any] = False
    output_review_message: str | None = None
    requires_iteration_review: bool = False
    iteration_review_message: str | None = None
    on_reject: OnReject | str = OnReject.skip
    on_error: OnError | str | None = None
    max_retries: int | None = 3
    timeout: int | None = None
    on_timeout: OnTimeout | str | None = None
    deciders: Chosen | None = None
    viewers: Chosen | None = None
    quorum: int | str | None = None
    rejections: int | None = None
    four_eyes: bool | None = None
    exclusive: bool | None = None
    priority: str | None = None
    risk: str | None = None
    hold: float | None = None
    due: float | None = None
    remind_after: float | Iterable[float] | None = None
    escalate: Iterable[Escalation | dict[str, Any]] | None = None
    business_hours: BusinessHours | dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.requires_output_review and self.requires_iteration_review:
            raise ValueError(
                "requires_output_review and requires_iteration_review cannot both be set: "
                "a Step or Router takes requires_output_review, a Loop takes requires_iteration_review"
            )
        self.on_reject = member(OnReject, self.on_reject, "on_reject")
        self.on_error = None if self.on_error is None else member(OnError, self.on_error, "on_error")
        self.on_timeout = (
            None if self.on_timeout is None else member(OnTimeout, self.on_timeout, "on_timeout")
        )
        for name in ("max_retries", "timeout"):
            refuse_negative(name, getattr(self, name))
        if self.user_input_schema is not None:
            self.user_input_schema = [UserInputField.of(field) for field in self.user_input_schema]
            check_form(self.user_input_schema)
        self.policy = self._policy()

    @cached_property
    def choosers(self) -> dict[str, Callable[[StepInput], Any]]:
        """The functions that say who decides or sees, by the name of the field."""
        named = {"deciders": self.deciders, "viewers": self.viewers}
        return {name: function for name, function in named.items() if callable(function)}

    @property
    def said(self) -> dict[str, Any]:
        """What it says of who decides, for pages; what functions choose is only named, as `chosen`."""
        chosen = {"chosen": list(self.choosers)} if self.choosers else {}
        return self.policy.to_dict() | chosen

    @property
    def asks_first(self) -> bool:
        """Somebody is asked before the node runs."""
        return self.requires_confirmation or self.requires_user_input

    def supported_by(self, component: str, supported: Iterable[str], *, on_error: bool) -> Self:
        """Itself, when `component` can do all of this; else ValueError in page 004's words.

        `on_error` says whether the component takes that policy; "skip" is what all of them do anyway.
        """
        supported = tuple(supported)
        asked = [request for request in REQUESTS if getattr(self, request)]
        if self.on_error not in (None, OnError.skip) and not on_error:
            asked.append("on_error")
        for request in asked:
            if request not in supported:
                names = ", ".join(supported)
                raise ValueError(f"{request} is not supported on {component}. Supported: {names}.")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Every field, JSON-clean; a review predicate becomes true."""
        data = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        if self.user_input_schema is not None:
            data["user_input_schema"] = [field.to_dict() for field in self.user_input_schema]
        said = self.policy.to_dict() | {name: reference(chooser) for name, chooser in self.choosers.items()}
        return data | {name: said.get(name) for name in POLICY}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The object that `to_dict` described; missing keys take the defaults, unknown ones are ignored."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in data.items() if name in known}
        return cls(**given | {name: resolve(given.get(name)) for name in ("deciders", "viewers")})

    def _policy(self) -> ReviewPolicy:
        """What was said about who decides, but for what functions say."""
        said = {name: getattr(self, name) for name in POLICY}
        return ReviewPolicy(**said | dict.fromkeys(self.choosers))


def _plain(value: Any) -> Any:
    if callable(value):
        return True
    return str(value) if isinstance(value, StrEnum) else value


def refuse_negative(name: str, value: Any) -> None:
    """ValueError for what is neither None nor a whole number of at least 0."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ValueError(f"{name}={value!r} is not a whole number of at least 0")
