"""A JSON schema of an object as the fields of a form, and the check of what was given for it.

Schemas come from signatures of tools, from servers, and from authors' models. What a form has no word for is left to
whoever takes the value: a limit that cannot be read is no limit here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.types.field_checks import ITEMS, is_matchable
from workflows.types.fields import InputErrors, UserInputField, check_values

Schema = Mapping[str, Any]

# Where anything may stand; what is typed is text unless it is written as one of the others.
ANYTHING = "str | int | float | bool | list | dict"

DEEPEST = 20  # references that lead to each other
LONG = 200  # characters; who may write more gets room for it

TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}
FORMATS = {
    "date": "date",
    "time": "time",
    "date-time": "datetime",
    "textarea": "text",
    "username": "user",
}
BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "multipleOf": "step",
}
LENGTHS = {
    "string": {"minLength": "min_length", "maxLength": "max_length"},
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}


def form(schema: Schema) -> Iterator[dict[str, Any]]:
    """The properties of an object as dicts of fields, in order; without `value`, which is None, they have no default.

    `nullable` where None must be given for what is left empty.
    """
    definitions = _definitions(schema)
    required = schema.get("required") or ()
    for name, written in _properties(schema).items():
        found, is_nullable = resolved(written, definitions)
        must = name in required
        about = {
            "name": name,
            "field_type": "str",
            "description": _said(written, "description") or _said(found, "description"),
            "value": None,
            "required": must and not is_nullable,
        }
        yield _usable(about, _kind(found, definitions)) | ({"nullable": True} if must and is_nullable else {})


def _usable(about: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
    """The field with its limits; without them, where they contradict each other."""
    try:
        UserInputField.from_dict(about | kind)
    except ValueError:
        return about | {"field_type": kind["field_type"]}
    return about | kind


def start_form(schema: Schema) -> list[dict[str, Any]]:
    """The same for an input that a person makes: with the defaults, and titles as labels."""
    definitions, properties = _definitions(schema), _properties(schema)
    return [
        field | _of_person(field["name"], properties[field["name"]], definitions) for field in form(schema)
    ]


def _of_person(name: str, written: Schema, definitions: Schema) -> dict[str, Any]:
    found, _ = resolved(written, definitions)
    title = _said(written, "title")
    if title == name.replace("_", " ").title():  # pydantic's own, made of the name
        title = None
    return {"value": written.get("default", found.get("default"))} | ({"label": title} if title else {})


def check_input(schema: Schema, given: Any) -> None:
    """Check an input against the schema that a workflow declares, as far as a form would. Raises InputErrors."""
    if schema.get("type", "object") != "object" and "properties" not in schema:
        return
    if not isinstance(given, Mapping):
        raise InputErrors({"input": "The input must be an object: names and values"})
    fields = list(form(schema))
    names = {field["name"] for field in fields}
    problems: dict[str, str] = {}
    if schema.get("additionalProperties") is False:
        problems = {str(name): f"There is no field '{name}'" for name in given if name not in names}
    try:
        check_values([UserInputField.of(field) for field in fields], given)
    except InputErrors as wrong:
        problems |= wrong.by_field
    if problems:
        raise InputErrors(problems)


def resolved(schema: Any, definitions: Schema, depth: int = 0) -> tuple[Schema, bool]:
    """The schema that references, a lone `allOf`, and "this or nothing" stand for; and whether nothing is one."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return {}, False
    if isinstance(schema.get("$ref"), str):
        target = definitions.get(schema["$ref"].rpartition("/")[2])
        return resolved(target, definitions, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        options = schema.get(word)
        if not isinstance(options, list):
            continue
        real = [option for option in options if not _is_null(option)]
        if len(real) == 1:
            found, inner = resolved(real[0], definitions, depth + 1)
            return found, inner or len(real) < len(options)
        if len(real) < len(options):
            return {**schema, word: real}, True
    return _without_null(schema)


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    """Of `type: [x, null]`, and of an enum with null in it."""
    kinds, choices = schema.get("type"), schema.get("enum")
    is_nullable = isinstance(kinds, list) and "null" in kinds
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        schema = {**schema, "type": rest[0] if len(rest) == 1 else rest}
    if isinstance(choices, list) and None in choices:
        schema = {**schema, "enum": [choice for choice in choices if choice is not None]}
        is_nullable = True
    return schema, is_nullable


def _kind(schema: Schema, definitions: Schema) -> dict[str, Any]:
    """What a schema says of a field's type and limits."""
    choices = _choices(schema)
    if choices:
        return {"field_type": _type_of(schema, choices), "allowed_values": choices}
    union = _union(schema, definitions)
    if union:
        return {"field_type": union}
    kind = schema.get("type")
    if schema.get("format") == "file":
        return {"field_type": "file"}
    if kind == "array":
        return _list(schema, definitions)
    if kind == "string":
        return _text(schema)
    if kind in ("integer", "number"):
        return {"field_type": TYPES[kind]} | _limits(schema, BOUNDS)
    return {"field_type": TYPES.get(kind, ANYTHING) if isinstance(kind, str) else ANYTHING}


def _text(schema: Schema) -> dict[str, Any]:
    kind = FORMATS.get(str(schema.get("format")), "str")
    limits: dict[str, Any] = _limits(schema, LENGTHS["string"])
    pattern = _pattern(schema)
    if kind == "str" and limits.get("max_length", 0) > LONG:
        kind = "text"
    return {"field_type": kind} | limits | ({"pattern": pattern} if pattern else {})


def _list(schema: Schema, definitions: Schema) -> dict[str, Any]:
    item, _ = resolved(schema.get("items"), definitions)
    choices = _choices(item)
    limits = _limits(schema, LENGTHS["array"])
    if choices:
        return {"field_type": "choices", "allowed_values": choices} | limits
    inside = _kind(item, definitions)["field_type"] if item else ""
    plain = inside in ITEMS and "prefixItems" not in schema
    return {"field_type": "list"} | ({"items": inside} if plain else {}) | limits


def _union(schema: Schema, definitions: Schema) -> str:
    """Several types at once, with bars between them; anything where one of them is more than a type."""
    kinds = schema.get("type")
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list) and options:
        kinds = [resolved(option, definitions)[0].get("type") for option in options]
    if not isinstance(kinds, list) or not kinds:
        return ""
    names = [TYPES.get(kind, "") if isinstance(kind, str) else "" for kind in kinds]
    return " | ".join(dict.fromkeys(names)) if all(names) else ANYTHING


def _choices(schema: Schema) -> list[Any]:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return choices
    return [schema["const"]] if schema.get("const") is not None else []


def _type_of(schema: Schema, choices: list[Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, str):
        return TYPES.get(kind, ANYTHING)
    names = dict.fromkeys(type(choice).__name__ for choice in choices)
    return " | ".join(names) if names.keys() <= set(TYPES.values()) else ANYTHING


def _limits(schema: Schema, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        ours: schema[word]
        for word, ours in words.items()
        if isinstance(schema.get(word), int | float) and not isinstance(schema[word], bool)
    }


def _pattern(schema: Schema) -> str | None:
    """Ours matches a whole text, a schema's any part of it."""
    pattern = schema.get("pattern")
    if not isinstance(pattern, str):
        return None
    is_whole = pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern
    found = pattern if is_whole else rf"[\s\S]*(?:{pattern})[\s\S]*"
    return found if is_matchable(found) else None


def _definitions(schema: Schema) -> Schema:
    found = schema.get("$defs", schema.get("definitions"))
    return found if isinstance(found, Mapping) else {}


def _properties(schema: Schema) -> Schema:
    found = schema.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {name: each if isinstance(each, Mapping) else {} for name, each in found.items() if name}


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _said(schema: Schema, word: str) -> str | None:
    text = schema.get(word)
    return text if isinstance(text, str) and text else None
