"""Values at the engine's edge: Python objects to JSON text and back, encoded once.

JSON-able data passes as it is. Pydantic models, dataclasses, bytes, dates, UUIDs, decimals, enums, tuples and sets
carry a type tag under `$type`; models and dataclasses come back as themselves where their class can be imported,
else as dicts. Anything else is refused. Floats that JSON cannot say (NaN, infinities) are refused too.
"""

import base64
import dataclasses
import datetime as dates
import decimal
import enum
import importlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from workflows.canonical import digest

TAG = "$type"
PLAIN = frozenset((type(None), str, int, float, bool))
SUMMARY_LENGTH = 160
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
NULL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; not where the backslash itself is escaped


class UnencodableValue(TypeError):
    """A value that is not data: it cannot be kept, so it cannot flow through a run."""

    final = True  # the function did its work, and would do it again


# How the tagged plain types are written and read; the name is the tag.
SCALARS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "bytes": (bytes, lambda raw: base64.b64encode(raw).decode(), base64.b64decode),
    "datetime": (dates.datetime, dates.datetime.isoformat, dates.datetime.fromisoformat),
    "date": (dates.date, dates.date.isoformat, dates.date.fromisoformat),
    "time": (dates.time, dates.time.isoformat, dates.time.fromisoformat),
    "timedelta": (
        dates.timedelta,
        lambda length: [length.days, length.seconds, length.microseconds],
        lambda parts: dates.timedelta(*parts),
    ),
    "uuid": (uuid.UUID, str, uuid.UUID),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
}


# A named tuple comes back as a tuple.
COLLECTIONS: dict[str, type[Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}


def encode(value: Any) -> str:
    """JSON text for a value; raises UnencodableValue naming the type that cannot be kept."""
    try:
        text = _written(_dump(value))
        text.encode()
    except RecursionError:
        raise UnencodableValue("a value that contains itself cannot be kept") from None
    except ValueError as wrong:  # NaN, infinities, and text with half a character (a lone surrogate)
        raise UnencodableValue(str(wrong)) from None
    return text


def decode(text: str) -> Any:
    """The value that `encode` wrote."""
    return _load(json.loads(text))


def decode_part(text: str, key: str) -> Any:
    """One item of the dict that `encode` wrote."""
    return _load(json.loads(text).get(key))


def tagged(value: Any) -> Any:
    """The value as JSON-able data, with its tags; raises UnencodableValue."""
    return json.loads(encode(value))


def untagged(data: Any) -> Any:
    """The value that `tagged` described."""
    return _load(data)


def plain(text: str) -> Any:
    """The same as JSON-able data without tags, for showing it."""
    return _strip(json.loads(text))


def shown(text: str) -> Any:
    """The same with bytes as bytes, for whoever can show what they are."""
    return _strip(json.loads(text), SCALARS["bytes"][2])


def subject(*parts: Any) -> str:
    """The digest of values as people see them: the same with and without the classes they were made of."""
    try:
        return digest(plain(encode(list(parts))))
    except UnencodableValue:  # one never leaves this process, and is the same while it is the same object
        return digest([f"{type(part).__qualname__} {id(part)}" for part in parts])


def json_clean(data: dict[str, Any], what: str = "session_state") -> dict[str, Any]:
    """A deep copy of data that JSON alone can say; raises UnencodableValue for what needs a tag or cannot be kept.

    A null character cannot be kept: databases search in this data, and PostgreSQL's JSON has none.
    """
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        text.encode()
    except RecursionError:
        raise UnencodableValue(f"{what} that contains itself cannot be kept") from None
    except (TypeError, ValueError) as wrong:
        raise UnencodableValue(f"{what} holds JSON alone: {wrong}") from None
    if NULL.search(text):
        raise UnencodableValue(f"{what} with a null character cannot be kept")
    copied: dict[str, Any] = json.loads(text)
    return copied


def summary(value: Any) -> str:
    """A value in one short line, for lists."""
    if isinstance(value, Mapping):
        line = ", ".join(f"{key}: {item}" for key, item in value.items() if not isinstance(item, dict | list))
    else:
        line = "" if value is None else str(value)
    line = " ".join(line.replace("\0", " ").split())  # which PostgreSQL's text does not take
    return line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1] + "…"


def _written(data: Any) -> str:
    """JSON text by pydantic, in a fifth of the time that json takes.

    Where it refuses (too deep for it, half a character) or writes what is no JSON, json says what is wrong.
    """
    try:
        text = to_json(data).decode()
    except ValueError:
        return _ENCODER.encode(data)
    return _ENCODER.encode(data) if "NaN" in text or "Infinity" in text else text


def _dump(value: Any) -> Any:
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is dict or isinstance(value, Mapping):
        return _dump_mapping(value)
    if isinstance(value, list):
        return [_dump(item) for item in value]
    return _dump_tagged(value)


def _dump_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str):
            raise UnencodableValue(f"a dict key of type {type(key).__name__} cannot be kept; keys are text")
    dumped = {str(key): item if type(item) in PLAIN else _dump(item) for key, item in value.items()}
    return {TAG: "dict", "value": dumped} if TAG in value else dumped


def _dump_tagged(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return {TAG: "enum", "class": _class_path(type(value)), "value": _dump(value.value)}
    for tag, (kind, write, _) in SCALARS.items():
        if isinstance(value, kind):
            return {TAG: tag, "value": write(value)}
    for tag, collection in COLLECTIONS.items():
        if isinstance(value, collection):
            items = value if tag == "tuple" else sorted(value, key=repr)
            return {TAG: tag, "value": [_dump(item) for item in items]}
    if isinstance(value, str | int | float):  # a subclass that is not an enum
        return next(kind(value) for kind in (str, int, float) if isinstance(value, kind))
    return _dump_fields(value)


def _dump_fields(value: Any) -> dict[str, Any]:
    """A model or a dataclass, its fields as Python values, so that a decimal or a date inside keeps its type."""
    if isinstance(value, BaseModel):
        fields = {name: _dump(item) for name, item in value}
        return {TAG: "model", "class": _class_path(type(value)), "value": fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _dump(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {TAG: "dataclass", "class": _class_path(type(value)), "value": fields}
    raise UnencodableValue(f"a value of type {type(value).__module__}.{type(value).__name__} cannot be kept")


def _load(data: Any) -> Any:
    if isinstance(data, list):
        return [_load(item) for item in data]
    if not isinstance(data, dict):
        return data
    if TAG not in data:
        return {key: _load(item) for key, item in data.items()}
    return _load_tagged(data[TAG], data)


def _load_tagged(tag: str, data: dict[str, Any]) -> Any:
    if tag in SCALARS:
        return SCALARS[tag][2](data["value"])
    if tag == "dict":
        return {key: _load(item) for key, item in data["value"].items()}
    if tag in COLLECTIONS:
        return COLLECTIONS[tag](_load(item) for item in data["value"])
    value, kind = _load(data["value"]), _class_at(data["class"])
    try:
        if tag == "model" and issubclass(kind, BaseModel):
            return kind.model_validate(value, by_name=True)
        if tag == "dataclass" and dataclasses.is_dataclass(kind):
            return _made(kind, value)
        if tag == "enum" and issubclass(kind, enum.Enum):
            return kind(value)
    except (TypeError, ValueError):  # the class has changed since: its data is still the data
        return value
    return value


def _made(kind: type, fields: dict[str, Any]) -> Any:
    """The dataclass with these fields, those included that its constructor does not take."""
    computed = {field.name for field in dataclasses.fields(kind) if not field.init}
    made = kind(**{name: value for name, value in fields.items() if name not in computed})
    for name in computed & fields.keys():
        object.__setattr__(made, name, fields[name])
    return made


def _strip(data: Any, of_bytes: Callable[[Any], Any] | None = None) -> Any:
    if isinstance(data, list):
        return [_strip(item, of_bytes) for item in data]
    if not isinstance(data, dict):
        return data
    if of_bytes is not None and data.get(TAG) == "bytes":
        return of_bytes(data["value"])
    if data.get(TAG, "dict") != "dict":
        return _strip(data["value"], of_bytes)
    # Under the tag "dict" stands somebody's own dict with a key `$type`: that one is no tag.
    fields = data["value"] if TAG in data else data
    return {key: _strip(item, of_bytes) for key, item in fields.items()}


def _class_path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_at(path: str) -> type:
    """The class at `module:qualified.name`, or NoneType: then the value stays a dict."""
    module, _, name = path.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return type(None)
    return found if isinstance(found, type) else type(None)
