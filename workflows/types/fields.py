"""The form that a person fills in: fields with types, and the check of what was filled in (spec 2.3, 2.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


class InputErrors(ValueError):
    """What was filled in does not fit the fields. `by_field` maps a field's name to what is wrong with it."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        lines = "".join(f"\n  - {problem}" for problem in self.by_field.values())
        super().__init__(f"User input validation failed:{lines}")


@dataclass(kw_only=False)
class UserInputField:
    """One field of a step's form.

    `field_type` is "str", "int", "float" or "bool" (checked) or any other word (shown, not checked).
    `value` is the default that the form starts with, then the answer. `allowed_values` limits the answer.
    """

    name: str
    field_type: str = "str"
    description: str | None = None
    value: Any = None
    required: bool = True
    allowed_values: list[Any] | None = None

    @classmethod
    def of(cls, data: "UserInputField | Mapping[str, Any]") -> "UserInputField":
        """A fresh field from a field or its dict, so that answers never reach a definition."""
        return cls.from_dict(data.to_dict() if isinstance(data, UserInputField) else data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The field that `to_dict` described; ValueError when it has no name."""
        if not data.get("name"):
            raise ValueError(f"a user input field needs a name: {dict(data)!r}")
        return cls(**{key: data[key] for key in cls.__dataclass_fields__ if key in data})

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean; allowed_values only where there are any."""
        data = asdict(self)
        if self.allowed_values is None:
            del data["allowed_values"]
        return data

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value that was given for this field."""
        if value is None or value == "":
            return f"Required field '{self.name}' is missing or empty" if self.required else None
        if not _fits(self.field_type, value):
            return f"Field '{self.name}' expected {self.field_type}, got {type(value).__name__}"
        if self.allowed_values is not None and value not in self.allowed_values:
            return f"Field '{self.name}' value '{value}' is not in allowed values: {self.allowed_values}"
        return None


def check_values(fields: Iterable[UserInputField], values: Mapping[str, Any]) -> None:
    """Check a whole form: types, allowed values, and that nothing required is missing.

    A field that was not given counts with its default. Raises InputErrors.
    """
    problems = {field.name: field.problem(values.get(field.name, field.value)) for field in fields}
    found = {name: problem for name, problem in problems.items() if problem}
    if found:
        raise InputErrors(found)


def _fits(field_type: str, value: Any) -> bool:
    match field_type:
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return True
