"""JSON schemas as forms: what a field is made of, and schemas that somebody wrote to do harm."""

from datetime import date, datetime, time
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from workflows.types import File, InputErrors
from workflows.types.form_schema import ANYTHING, check_input, form, start_form


class Size(Enum):
    small = "S"
    large = "L"


class Inner(BaseModel):
    x: int


class Everything(BaseModel):
    text: str
    note: str = Field("", max_length=2000, description="Long")
    day: date
    at: time | None = None
    moment: datetime
    size: Size = Size.small
    either: Literal["a", 2]
    sizes: list[Size] = []
    union: int | str
    nothing: str | None
    ids: list[int] = Field(max_length=3)
    inner: Inner
    inners: list[Inner] = []
    amount: float = Field(gt=0, le=10)
    even: int = Field(2, ge=0, multiple_of=2)
    code: str = Field(pattern="[0-9]{3}")
    scan: File | None = None
    anything: Any = None


FIELDS = {field["name"]: field for field in form(Everything.model_json_schema())}

SAID: dict[str, dict[str, Any]] = {
    "text": {"field_type": "str", "required": True},
    "note": {"field_type": "text", "max_length": 2000, "description": "Long", "required": False},
    "day": {"field_type": "date"},
    "at": {"field_type": "time", "required": False},
    "moment": {"field_type": "datetime"},
    "size": {"field_type": "str", "allowed_values": ["S", "L"]},
    "either": {"field_type": "str | int", "allowed_values": ["a", 2]},
    "sizes": {"field_type": "choices", "allowed_values": ["S", "L"]},
    "union": {"field_type": "int | str"},
    "nothing": {"field_type": "str", "required": False, "nullable": True},
    "ids": {"field_type": "list", "items": "int", "max_length": 3},
    "inner": {"field_type": "dict"},
    "inners": {"field_type": "list"},
    "amount": {"field_type": "float", "above": 0, "maximum": 10},
    "even": {"field_type": "int", "minimum": 0, "step": 2},
    "code": {"field_type": "str", "pattern": r"[\s\S]*(?:[0-9]{3})[\s\S]*"},
    "scan": {"field_type": "file", "required": False},
    "anything": {"field_type": ANYTHING},
}


@pytest.mark.parametrize("name", SAID)
def test_a_model_s_field_says_what_it_takes(name: str) -> None:
    assert {key: FIELDS[name].get(key) for key in SAID[name]} == SAID[name]


def test_a_form_for_people_has_defaults_and_labels() -> None:
    schema = {"properties": {"a_b": {"title": "A B", "default": 3}, "c": {"title": "Costs"}}}
    fields = start_form(schema)
    assert fields[0]["value"] == 3
    assert "label" not in fields[0]  # pydantic made it of the name
    assert fields[1]["label"] == "Costs"


def one(schema: Any, **more: Any) -> dict[str, Any]:
    return next(form({"properties": {"x": schema}} | more))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/A"},
        {"anyOf": [{"$ref": "#/$defs/A"}]},
        {"$ref": "nowhere"},
        True,
        None,
        {"type": 3},
        {"type": [], "enum": "abc"},
        {"items": "x", "type": "array"},
        {"type": "string", "pattern": "(?=a)", "minLength": "2"},
        {"type": "integer", "minimum": 9, "maximum": 1},
        {"type": "number", "multipleOf": True},
    ],
)
def test_a_schema_that_says_nothing_sensible_is_still_a_field(schema: Any) -> None:
    field = one(schema, **{"$defs": {"A": {"$ref": "#/$defs/A"}}})
    assert field["name"] == "x"
    assert not field.keys() & {"pattern", "minimum", "min_length", "step"}


def test_null_among_the_types_or_choices_makes_it_optional() -> None:
    assert one({"type": ["integer", "null"]}, required=["x"]) | {} == {
        "name": "x", "field_type": "int", "description": None, "value": None, "required": False, "nullable": True,
    }  # fmt: skip
    assert one({"enum": ["a", None]})["allowed_values"] == ["a"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("text", "input"),
        ([1], "input"),
        ({}, "n"),
        ({"n": "1"}, "n"),
        ({"n": 0}, "n"),
        ({"n": 1, "more": 2}, "more"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_by_field(given: Any, field: str) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}},
        "required": ["n"],
        "additionalProperties": False,
    }
    check_input(schema, {"n": 1})
    with pytest.raises(InputErrors) as refused:
        check_input(schema, given)
    assert field in refused.value.by_field
