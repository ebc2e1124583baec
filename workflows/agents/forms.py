"""Forms and questions that belong to a call of a tool, as scripts see them and answer them (spec 2.9).

What scripts answer is assigned, by a method or by hand, also as if these were dicts (`field["value"] = 5`); each of
them knows when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from workflows.agents.approvals import ApprovalType

TYPES: dict[str, type] = {kind.__name__: kind for kind in (str, int, float, bool, list, dict)}


class Answerable:
    """Fields to be read and assigned as attributes or as keys; assigning one of ANSWERS is an answer, with a time."""

    ANSWERS: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        vars(self)["_made"] = True  # what is assigned from here on is somebody's answer

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in self.ANSWERS and value is not None and "_made" in vars(self):
            vars(self)["_assigned_at"] = datetime.now(UTC)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, self._field(name))

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, self._field(name), value)

    def __contains__(self, name: object) -> bool:
        return name in self.keys() and getattr(self, str(name)) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """A field that is set, or the default."""
        return getattr(self, name) if name in self else default

    def keys(self) -> list[str]:
        """The names of all fields."""
        return [field.name for field in fields(self)]  # type: ignore[arg-type]  # subclasses are dataclasses

    @property
    def assigned_at(self) -> datetime | None:
        """When something here was last answered; None for what it was made with."""
        found: datetime | None = vars(self).get("_assigned_at")
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, without what is not set."""
        return {name: plain for name in self.keys() if (plain := _plain(getattr(self, name))) is not None}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The object that `to_dict` described, or the object itself; unknown keys are ignored."""
        if isinstance(data, cls):
            return data
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]  # subclasses are dataclasses
        return cls(**{name: value for name, value in data.items() if name in known})

    def _field(self, name: str) -> str:
        if name not in self.keys():
            raise KeyError(name)
        return name


@dataclass
class UserInputField(Answerable):
    """One field of a tool's form. `field_type` is a Python type (or its name); `of_model` (ours) says that the model
    gave the value that it was made with; `required` and `allowed_values` are ours too."""

    ANSWERS: ClassVar[tuple[str, ...]] = ("value",)

    name: str
    field_type: type = str
    description: str | None = None
    value: Any = None
    required: bool = True
    of_model: bool = False
    allowed_values: list[Any] | None = None

    def __post_init__(self) -> None:
        self.field_type = _type(self.field_type)
        super().__post_init__()

    @property
    def is_open(self) -> bool:
        """A person still has to fill it in."""
        return self.required and self.value is None


@dataclass
class UserFeedbackOption(Answerable):
    """One of the things that can be chosen."""

    ANSWERS: ClassVar[tuple[str, ...]] = ("selected",)

    label: str
    description: str | None = None
    selected: bool = False


@dataclass
class UserFeedbackQuestion(Answerable):
    """One question of the model's. Answer it by `choose`, by `selected_options`, or at the options."""

    ANSWERS: ClassVar[tuple[str, ...]] = ("selected_options",)

    question: str
    header: str | None = None
    options: list[UserFeedbackOption] | None = None
    multi_select: bool = False
    selected_options: list[str] | None = None

    def __post_init__(self) -> None:
        if self.options is not None:
            self.options = [UserFeedbackOption.from_dict(option) for option in self.options]
        super().__post_init__()

    @property
    def chosen(self) -> list[str]:
        """The labels that were chosen, however."""
        if self.selected_options:
            return list(self.selected_options)
        return [option.label for option in self.options or () if option.selected]

    def choose(self, labels: list[str] | str) -> None:
        """Choose options by their labels; ValueError for one that is not offered, or one too many."""
        labels = [labels] if isinstance(labels, str) else list(labels)
        offered = [option.label for option in self.options or ()]
        unknown = [label for label in labels if offered and label not in offered]
        if unknown:
            raise ValueError(
                f"'{self.question}' has no option {', '.join(unknown)}; choose from {', '.join(offered)}"
            )
        if len(labels) > 1 and not self.multi_select:
            raise ValueError(f"'{self.question}' takes only one option")
        self.selected_options = labels
        for option in self.options or ():
            option.selected = option.label in labels


SCHEMAS: dict[str, type[UserInputField] | type[UserFeedbackQuestion]] = {
    "user_input_schema": UserInputField,
    "user_feedback_schema": UserFeedbackQuestion,
}


def made(name: str, value: Any) -> Any:
    """The value of a field: a form or questions as objects, whatever they came as."""
    if name not in SCHEMAS or value is None:
        return value
    if isinstance(value, list) and not any(isinstance(item, Mapping) for item in value):
        return value  # the very same list: it may be shared
    return [SCHEMAS[name].from_dict(item) for item in value]


def _type(given: Any) -> type:
    """A type for a type or its name; text for what has no JSON of its own."""
    return given if isinstance(given, type) else TYPES.get(str(given), str)


def _plain(value: Any) -> Any:
    if isinstance(value, type):
        return value.__name__ if value.__name__ in TYPES else "str"
    if isinstance(value, Answerable):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, ApprovalType) else value
