"""What the value of a field must be, by the field's type and limits. Knows no forms and no pages.

Patterns are matched by an engine whose time grows with the text alone, so that no text and no pattern can hang a
process; it knows no look-around and no back-references.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
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

# The types whose values are text, of which length and pattern may be limited.
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


def problem(field: "UserInputField", value: Any) -> str | None:
    """What is wrong with a value that is not empty; the first thing that is."""
    return next(_problems(field, value), None)


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


def _problems(field: "UserInputField", value: Any) -> Iterator[str]:
    yield from _misfits(field, value)
    several = has_items(field)
    if several and field.items:
        yield from _wrong_items(field, value)
    if field.allowed_values is not None:
        wrong = [one for one in (value if several else [value]) if one not in field.allowed_values]
        yield from (
            f"Field '{field.name}' value '{one}' is not in allowed values: {field.allowed_values}"
            for one in wrong
        )
    yield from _out_of_bounds(field, value)
    yield from _wrong_length(field, value)
    if field.pattern is not None and isinstance(value, str) and not matches(field.pattern, value):
        yield f"Field '{field.name}' must match {field.pattern}"


def _misfits(field: "UserInputField", value: Any) -> Iterator[str]:
    kind = field.field_type
    if kind == "file":
        yield from _wrong_file(field, value)
    elif kind in MOMENTS:
        if moment(kind, value) is None:
            yield f"Field '{field.name}' must be a {kind}, written as {EXAMPLES[kind]}"
    elif " | " in kind:
        if not any(MEMBERS[member](value) for member in kind.split(" | ") if member in MEMBERS):
            yield f"Field '{field.name}' expected {kind}, got {type(value).__name__}"
    elif has_items(field) and not isinstance(value, list):
        yield f"Field '{field.name}' expected list, got {type(value).__name__}"
    elif kind in CHECKED and not CHECKED[kind](value):
        yield f"Field '{field.name}' expected {kind}, got {type(value).__name__}"


def _wrong_items(field: "UserInputField", value: list[Any]) -> Iterator[str]:
    kind = field.items or ""
    fits = CHECKED.get(kind) or (lambda item: moment(kind, item) is not None)
    for number, item in enumerate(value, 1):
        if not fits(item):
            yield f"Field '{field.name}', item {number}: expected {kind}, got {item!r:.60}"


def _out_of_bounds(field: "UserInputField", value: Any) -> Iterator[str]:
    at = _comparable(field.field_type, value)
    if at is None:
        return
    low, high, above, below = (_bound(field, name) for name in BOUNDS)
    if low is not None and at < low:
        yield f"Field '{field.name}' must be at least {field.minimum}"
    if high is not None and at > high:
        yield f"Field '{field.name}' must be at most {field.maximum}"
    if above is not None and at <= above:
        yield f"Field '{field.name}' must be more than {field.above}"
    if below is not None and at >= below:
        yield f"Field '{field.name}' must be less than {field.below}"
    if field.step and isinstance(at, Decimal) and (at - (low or 0)) % Decimal(str(field.step)):
        yield f"Field '{field.name}' must be a multiple of {field.step}" + (
            f", counted from {field.minimum}" if low else ""
        )


def _wrong_length(field: "UserInputField", value: Any) -> Iterator[str]:
    if not isinstance(value, str | list):
        return
    what = "characters" if isinstance(value, str) else "items"
    if field.min_length is not None and len(value) < field.min_length:
        yield f"Field '{field.name}' needs at least {field.min_length} {what}"
    if field.max_length is not None and len(value) > field.max_length:
        yield f"Field '{field.name}' takes at most {field.max_length} {what}"


def _wrong_file(field: "UserInputField", value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"Field '{field.name}' expected file, got {type(value).__name__}"
        return
    name, data = value.get("name"), value.get("data")
    if isinstance(name, str) and isinstance(value.get("slot"), str) and data is None:
        return  # it was looked at when it was put away
    if not isinstance(name, str) or not name or not isinstance(data, str):
        yield f"Field '{field.name}': a file needs a name and its data in base64"
        return
    largest = LARGEST if field.max_size is None else field.max_size
    if len(data) > (largest + 2) // 3 * 4:
        yield f"Field '{field.name}': the file is larger than {largest} bytes"
        return
    try:
        size = len(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        yield f"Field '{field.name}': the data of a file must be base64"
        return
    if size > largest:
        yield f"Field '{field.name}': the file is larger than {largest} bytes"
    if not is_accepted(field.accept, name, str(value.get("content_type") or "")):
        yield f"Field '{field.name}' takes {', '.join(field.accept or ())}"


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


@cache
def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{pattern})\z", regex_engine="rust-regex"))
