"""Examples in the OpenAPI description, made of what its schemas say of each field, so that they stay true."""

from collections.abc import Mapping
from typing import Any

from hitl_portal.api.schemas import MOMENT, QUESTION
from hitl_portal.problems import PROBLEMS, TYPES

Schema = dict[str, Any]
Known = Mapping[str, Schema]

REF = "#/components/schemas/"
BY_FORMAT = {"uuid": QUESTION, "date-time": MOMENT, "uri": "https://hitl.example.org/"}


def example_of(schema: Schema, known: Known) -> Any:
    """A value that fits a schema: the first of its examples, else its default, else one of its kind."""
    schema = resolved(schema, known)
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        return _of_several(schema["anyOf"], known)
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, known)


def of_object(schema: Schema, known: Known, *, whole: bool = True) -> dict[str, Any]:
    """An object with all its fields, or with those that it needs or that say an example of themselves."""
    schema = resolved(schema, known)
    needed = schema.get("required", ())
    return {
        name: example_of(field, known)
        for name, field in schema.get("properties", {}).items()
        if whole or name in needed or field.get("examples")
    }


def resolved(schema: Schema, known: Known) -> Schema:
    """The schema that a reference means."""
    return known.get(schema.get("$ref", "").removeprefix(REF), schema)


def add_examples(operation: Schema, known: Known) -> None:
    """Give an operation examples of what is sent and of each answer, where it says none of its own."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.setdefault("example", of_object(content["schema"], known, whole=False))
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            is_problem = kind == "application/problem+json"
            made = _problem(int(status), answer) if is_problem else example_of(content["schema"], known)
            content.setdefault("example", made)


def _of_type(schema: Schema, known: Known) -> Any:
    match schema.get("type"):
        case "object":
            return of_object(schema, known)
        case "array":
            made = example_of(schema.get("items", {}), known)
            return [made] if made else []
        case "string":
            return BY_FORMAT.get(schema.get("format", ""), "")
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return None


def _of_several(schemas: list[Schema], known: Known) -> Any:
    """Of the first that is said something of; null, where that may be."""
    said = [each for each in schemas if "$ref" in each or each.get("examples")]
    may_be_null = any(each.get("type") == "null" for each in schemas)
    return None if may_be_null and not said else example_of((said or schemas)[0], known)


def _problem(status: int, answer: Schema) -> dict[str, Any]:
    kind, title = next((kind, title) for kind, (code, title) in PROBLEMS.items() if code == status)
    return {"type": TYPES + kind, "title": title, "status": status, "detail": answer["description"]}
