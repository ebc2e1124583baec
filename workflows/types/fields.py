"""The form that a person fills in: fields with types, and the check of what was filled in (spec 2.3, 2.5).

Everything after `allowed_values` is ours. What a value must be is said in `field_checks`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any, Self

from workflows.types import field_checks


class InputErrors(ValueError):
    """What was filled in does not fit the fields. `by_field` maps a field's name to what is wrong with it."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        lines = "".join(f"\n  - {problem}" for problem in self.by_field.values())
        super().__init__(f"User input validation failed:{lines}")


@dataclass(kw_only=False)
class UserInputField:
    """One field of a step's form.

    `field_type` is "str", "int", "float", "bool" (checked); ours are "text" (several lines), "date", "time",
    "datetime" (ISO 8601 text), "choices" (several of `allowed_values`), "list" (each of type `items`), "json",
    "file", "user" (a username), and types with a bar between them ("int | str"). Any other word is shown, not checked.
    `value` is the default that the form starts with, then the answer. `allowed_values` limits the answer.

    Ours: `label` and `placeholder` are shown; `minimum` and `maximum` (included), `above` and `below` (not included),
    `step` limit numbers and dates; `min_length` and `max_length` count characters, or items; `pattern` is what the
    whole text must match, a regular expression without look-around; `accept` lists content types ("image/*") or
    endings (".pdf") of a file, `max_size` is in bytes. `when={"other": value}` shows the field only while an earlier
    field has that value, or one of a list; hidden, it is neither required nor given to the step. ValueError for what
    contradicts itself.
    """

    name: str
    field_type: str = "str"
    description: str | None = None
    value: Any = None
    required: bool = True
    allowed_values: list[Any] | None = None
    _: KW_ONLY
    label: str | None = None
    placeholder: str | None = None
    minimum: Any = None
    maximum: Any = None
    above: Any = None
    below: Any = None
    step: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    items: str | None = None
    accept: list[str] | None = None
    max_size: int | None = None
    when: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for bound in field_checks.BOUNDS:
            setattr(self, bound, field_checks.plain(getattr(self, bound)))
        field_checks.refuse_contradictions(self)

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
        """JSON-clean; what is ours, and allowed_values, only where it is set."""
        data = asdict(self)
        always = ("name", "field_type", "description", "value", "required")
        return {name: value for name, value in data.items() if name in always or value is not None}

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value that was given for this field."""
        if field_checks.is_empty(self, value):
            return f"Required field '{self.name}' is missing or empty" if self.required else None
        fault = field_checks.fault(self, value)
        return str(fault) if fault is not None else None

    def is_shown(self, seen: Mapping[str, Any]) -> bool:
        """Whether its condition holds among the values of the shown fields before it."""
        return all(
            name in seen and field_checks.holds(wanted, seen[name])
            for name, wanted in (self.when or {}).items()
        )


def shown_fields(fields: Iterable[UserInputField], values: Mapping[str, Any]) -> list[UserInputField]:
    """The fields whose condition holds; one that was not given counts with its default."""
    shown: list[UserInputField] = []
    seen: dict[str, Any] = {}
    for field in fields:
        if field.is_shown(seen):
            shown.append(field)
            seen[field.name] = values.get(field.name, field.value)
    return shown


def check_form(fields: Iterable[UserInputField]) -> None:
    """Refuse a form in which a condition is about no earlier field: ValueError."""
    before: set[str] = set()
    for field in fields:
        unknown = (field.when or {}).keys() - before
        if unknown:
            raise ValueError(f"Field '{field.name}': when= names no earlier field: {', '.join(unknown)}")
        before.add(field.name)


def check_values(fields: Iterable[UserInputField], values: Mapping[str, Any]) -> None:
    """Check a whole form: types, bounds, allowed values, and that nothing required is missing.

    A field that was not given counts with its default, and one whose condition does not hold not at all. Raises
    InputErrors.
    """
    shown = shown_fields(fields, values)
    problems = {field.name: field.problem(values.get(field.name, field.value)) for field in shown}
    found = {name: problem for name, problem in problems.items() if problem}
    if found:
        raise InputErrors(found)
