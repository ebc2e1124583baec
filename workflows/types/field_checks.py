"""What the value of a field must be, by the field's type and limits. Knows no forms and no pages.

Patterns are matched by an engine whose time grows with the text alone, so that no text and no pattern can hang a
process; it knows no look-around and no back-references.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

from workflows.types.files import LARGEST, File

if TYPE_CHECKING:
    from workflows.types.fields import UserInputField

BOUNDS = ("minimum", "maximum", "above", "below")
MOMENTS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
}
EXAMPLES = {
    "date": "2026-01-31",
    "time": "17:30",
    "datetime": "2026-01-31T17:30+01:00",
}
ITEMS = ("str", "int", "float", "date", "time", "datetime", "user")
LONGEST_USERNAME = 150

# What is said, in the words of the specification where it has some.
SAYINGS = {
    "type": "Field '%(name)s' expected %(kind)s, got %(got)s",
    "moment": "Field '%(name)s' must be a %(kind)s, written as %(example)s",
    "item": "Field '%(name)s', item %(number)d: expected %(kind)s, got %(got)s",
    "allowed": "Field '%(name)s' value '%(value)s' is not in allowed values: %(allowed)s",
    "minimum": "Field '%(name)s' must be at least %(limit)s",
    "maximum": "Field '%(name)s' must be at most %(limit)s",
    "above": "Field '%(name)s' must be more than %(limit)s",
    "below": "Field '%(name)s' must be less than %(limit)s",
    "step": "Field '%(name)s' must be a multiple of %(step)s, counted from %(start)s",
    "short_text": "Field '%(name)s' needs at least %(limit)d characters",
    "long_text": "Field '%(name)s' takes at most %(limit)d characters",
    "short_items": "Field '%(name)s' needs at least %(limit)d items",
    "long_items": "Field '%(name)s' takes at most %(limit)d items",
    "pattern": "Field '%(name)s' must match %(pattern)s",
    "file": "Field '%(name)s': %(wrong)s",
    "large": "Field '%(name)s': the file is larger than %(limit)d bytes",
    "accept": "Field '%(name)s' takes %(accept)s",
}
KEEPS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}

# The types that are looked at.
CHECKED: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "choices": lambda value: isinstance(value, list),
    "user": lambda value: isinstance(value, str) and len(value) <= LONGEST_USERNAME,
}
# Of these the specification wants no check where they stand alone.
MEMBERS = CHECKED | {
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
}


def plain(value: Any) -> Any:
    """A value as answers have it: dates as ISO text, a file as its dict; everything else as it is."""
    if isinstance(value, date | time | datetime):
        return value.isoformat()
    if isinstance(value, File):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def is_empty(field: "UserInputField", value: Any) -> bool:
    """Nothing was filled in."""
    return value is None or value == "" or (value == [] and has_items(field))


def has_items(field: "UserInputField") -> bool:
    """Its value is a list, and each item is looked at."""
    return field.field_type == "choices" or (field.field_type == "list" and field.items is not None)


def holds(wanted: Any, value: Any) -> bool:
    """Whether a value is the one that a condition wants, or one of those."""
    options = wanted if isinstance(wanted, list | tuple) else [wanted]
    given = value if isinstance(value, list) else [value]
    return any(type(option) is type(one) and option == one for option in options for one in given)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with a value: a key of SAYINGS, and what its sentence names."""

    code: str
    names: Mapping[str, Any]

    def __str__(self) -> str:
        return SAYINGS[self.code] % self.names


def fault(field: "UserInputField", value: Any) -> Fault | None:
    """The first thing that is wrong with a value that is not empty."""
    return next(_faults(field, value), None)


def refuse_contradictions(field: "UserInputField") -> None:
    """ValueError for limits that nothing can keep, or that cannot be read."""
    if field.pattern is not None and not is_matchable(field.pattern):
        raise ValueError(f"Field '{field.name}': the pattern cannot be used: {field.pattern}")
    if field.items is not None and field.items not in ITEMS:
        raise ValueError(f"Field '{field.name}': items is one of {', '.join(ITEMS)}")
    if field.field_type == "choices" and not field.allowed_values:
        raise ValueError(f"Field '{field.name}': choices need allowed_values")
    low, high = (_bound(field, name) for name in ("minimum", "maximum"))
    shortest, longest = field.min_length, field.max_length
    if (low is not None and high is not None and low > high) or (
        shortest is not None and longest is not None and shortest > longest
    ):
        raise ValueError(f"Field '{field.name}': the smallest is more than the largest")


def is_matchable(pattern: str) -> bool:
    """Whether the engine for patterns knows everything in it."""
    try:
        _matcher(pattern)
    except (SchemaError, ValueError):
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    """The whole text is what the pattern describes."""
    try:
        _matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


def _faults(field: "UserInputField", value: Any) -> Iterator[Fault]:
    said = partial(_fault, field)
    wrong = _misfit(field, value)
    if wrong is not None:
        yield wrong
        return
    several = has_items(field)
    if several and field.items:
        yield from _wrong_items(field, value)
    if field.allowed_values is not None:
        for one in value if several else [value]:
            if one not in field.allowed_values:
                yield said("allowed", value=one, allowed=field.allowed_values)
    yield from _out_of_bounds(field, value)
    yield from _wrong_length(field, value)
    if field.pattern is not None and isinstance(value, str) and not matches(field.pattern, value):
        yield said("pattern", pattern=field.pattern)


def _fault(field: "UserInputField", code: str, **names: Any) -> Fault:
    return Fault(code=code, names={"name": field.name} | names)


def _misfit(field: "UserInputField", value: Any) -> Fault | None:
    kind = field.field_type
    if kind == "file":
        return next(_wrong_file(field, value), None)
    if kind in MOMENTS:
        fits = moment(kind, value) is not None
        return None if fits else _fault(field, "moment", kind=kind, example=EXAMPLES[kind])
    if " | " in kind:
        fits = any(MEMBERS[member](value) for member in kind.split(" | ") if member in MEMBERS)
    elif has_items(field):
        kind, fits = "list", isinstance(value, list)
    else:
        fits = kind not in CHECKED or CHECKED[kind](value)
    return None if fits else _fault(field, "type", kind=kind, got=type(value).__name__)


def _wrong_items(field: "UserInputField", value: list[Any]) -> Iterator[Fault]:
    kind = field.items or ""
    fits = CHECKED.get(kind) or (lambda item: moment(kind, item) is not None)
    for number, item in enumerate(value, 1):
        if not fits(item):
            yield _fault(field, "item", number=number, kind=kind, got=f"{item!r:.60}")


def _out_of_bounds(field: "UserInputField", value: Any) -> Iterator[Fault]:
    at = _comparable(field.field_type, value)
    if at is None:
        return
    limits = {name: bound for name in BOUNDS if (bound := _bound(field, name)) is not None}
    for name, bound in limits.items():
        if not KEEPS[name](at, bound):
            yield _fault(field, name, limit=getattr(field, name))
    if field.step and isinstance(at, Decimal):
        start = limits.get("minimum", Decimal(0))
        if (at - start) % Decimal(str(field.step)):
            yield _fault(field, "step", step=field.step, start=start)


def _wrong_length(field: "UserInputField", value: Any) -> Iterator[Fault]:
    if not isinstance(value, str | list):
        return
    what = "text" if isinstance(value, str) else "items"
    if field.min_length is not None and len(value) < field.min_length:
        yield _fault(field, f"short_{what}", limit=field.min_length)
    if field.max_length is not None and len(value) > field.max_length:
        yield _fault(field, f"long_{what}", limit=field.max_length)


def _wrong_file(field: "UserInputField", value: Any) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield _fault(field, "type", kind="file", got=type(value).__name__)
        return
    name, data = value.get("name"), value.get("data")
    if isinstance(name, str) and isinstance(value.get("slot"), str) and data is None:
        return  # it was looked at when it was put away
    largest = largest_of(field)
    # Before it is decoded; three bytes are four letters.
    if isinstance(data, str) and len(data) > (largest + 2) // 3 * 4:
        yield _fault(field, "large", limit=largest)
        return
    try:
        file = File.from_dict(value)
    except ValueError as wrong:
        yield _fault(field, "file", wrong=wrong)
        return
    if file.size > largest:
        yield _fault(field, "large", limit=largest)
    if not is_accepted(field.accept, file.name, file.content_type):
        yield _fault(field, "accept", accept=", ".join(field.accept or ()))


def largest_of(field: "UserInputField") -> int:
    """How large a file may be, in bytes."""
    return LARGEST if field.max_size is None else field.max_size


def is_accepted(accept: list[str] | None, name: str, content_type: str) -> bool:
    """Whether a file is of one of the kinds, by its name's ending or by what it says to be."""
    return any(_is_of_kind(kind, name, content_type) for kind in accept or ("*/*",))


def moment(kind: str, value: Any) -> Any:
    """The date, time or moment that a text says, a moment without a zone being UTC; None where it says none."""
    if not isinstance(value, str):
        return None
    try:
        read = MOMENTS[kind](value)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if isinstance(read, datetime) and read.tzinfo is None else read


def _is_of_kind(kind: str, name: str, content_type: str) -> bool:
    if kind.startswith("."):
        return name.lower().endswith(kind.lower())
    if kind.endswith("/*"):
        return kind == "*/*" or content_type.startswith(kind[:-1])
    return content_type == kind


def _comparable(kind: str, value: Any) -> Any:
    """What is compared with bounds; None where nothing is."""
    if kind in MOMENTS:
        read = moment(kind, value)
        return read.replace(tzinfo=None) if kind == "time" and read is not None else read
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _bound(field: "UserInputField", name: str) -> Any:
    given = getattr(field, name)
    if given is None:
        return None
    read = _comparable(field.field_type, given)
    if read is None:
        raise ValueError(f"Field '{field.name}': {name} does not fit its type: {given!r}")
    return read


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{pattern})\z", regex_engine="rust-regex"))
