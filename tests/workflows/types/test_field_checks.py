"""What the value of a field must be: each type, its limits, and values that somebody sends to do harm."""

import base64
import time
from typing import Any

import pytest

from workflows.types import File, InputErrors, UserInputField, check_values
from workflows.types.fields import check_form, shown_fields

FILE = {"name": "a.pdf", "content_type": "application/pdf", "data": base64.b64encode(b"12345").decode()}

FITS: list[tuple[dict[str, Any], Any]] = [
    ({"field_type": "date"}, "2026-02-28"),
    ({"field_type": "date", "minimum": "2026-01-01", "maximum": "2026-12-31"}, "2026-12-31"),
    ({"field_type": "time", "minimum": "08:00"}, "08:00:00"),
    ({"field_type": "datetime", "minimum": "2026-01-01T00:00Z"}, "2026-01-01T01:00+01:00"),
    ({"field_type": "int", "minimum": 1, "maximum": 9, "step": 2}, 9),
    ({"field_type": "float", "above": 0, "step": 0.1}, 0.3),
    ({"field_type": "float", "minimum": 0}, 10**400),
    ({"min_length": 2, "max_length": 3}, "äöü"),
    ({"pattern": "[a-z]+"}, "abc"),
    ({"field_type": "choices", "allowed_values": [1, "a"]}, ["a", 1]),
    ({"field_type": "list", "items": "int", "max_length": 2}, [1, 2]),
    ({"field_type": "list", "items": "date"}, ["2026-01-01"]),
    ({"field_type": "int | str"}, "x"),
    ({"field_type": "int | str"}, 3),
    ({"field_type": "json"}, {"any": [1, None]}),
    ({"field_type": "file", "accept": [".PDF"]}, FILE),
    ({"field_type": "file", "accept": ["application/*"], "max_size": 5}, FILE),
    ({"field_type": "user"}, "reviewer"),
]

FAILS: list[tuple[dict[str, Any], Any, str]] = [
    ({"field_type": "date"}, "2026-02-30", "must be a date, written as 2026-01-31"),
    ({"field_type": "date"}, 20260101, "must be a date"),
    ({"field_type": "date", "minimum": "2026-01-01"}, "2025-12-31", "must be at least 2026-01-01"),
    ({"field_type": "time", "below": "12:00"}, "12:00", "must be less than 12:00"),
    ({"field_type": "time"}, "25:00", "must be a time"),
    ({"field_type": "datetime"}, "now", "must be a datetime"),
    ({"field_type": "datetime", "maximum": "2026-01-01T00:00Z"}, "2026-01-01T00:30", "must be at most"),
    ({"field_type": "int", "maximum": 9}, 10, "must be at most 9"),
    ({"field_type": "int", "minimum": 1, "step": 2}, 4, "must be a multiple of 2, counted from 1"),
    ({"field_type": "float", "above": 0}, 0, "must be more than 0"),
    ({"max_length": 3}, "abcd", "takes at most 3 characters"),
    ({"min_length": 3}, "ab", "needs at least 3 characters"),
    ({"pattern": "[a-z]+"}, "abc\n", "must match"),
    ({"pattern": "a|b"}, "ab", "must match"),
    ({"field_type": "choices", "allowed_values": ["a"]}, ["a", "b"], "'b' is not in allowed values"),
    ({"field_type": "choices", "allowed_values": ["a"]}, "a", "expected list, got str"),
    ({"field_type": "choices", "allowed_values": ["a"]}, [{}], "is not in allowed values"),
    ({"field_type": "list", "items": "int"}, [1, "2"], "item 2: expected int, got '2'"),
    ({"field_type": "list", "items": "int"}, [True], "item 1: expected int"),
    ({"field_type": "list", "items": "str", "min_length": 2}, ["a"], "needs at least 2 items"),
    ({"field_type": "int | str"}, 1.5, "expected int | str, got float"),
    ({"field_type": "int | str"}, [], "expected int | str, got list"),
    ({"field_type": "file"}, "a.pdf", "expected file, got str"),
    ({"field_type": "file"}, {"name": "a"}, "a file needs a name and its data in base64"),
    ({"field_type": "file"}, FILE | {"data": "***"}, "must be base64"),
    ({"field_type": "file"}, FILE | {"name": ["a"]}, "a file needs a name"),
    ({"field_type": "file", "max_size": 4}, FILE, "larger than 4 bytes"),
    ({"field_type": "file", "max_size": 4}, FILE | {"data": "A" * 10_000}, "larger than 4 bytes"),
    ({"field_type": "file", "accept": ["image/*", ".png"]}, FILE, "takes image/*, .png"),
    ({"field_type": "user"}, "x" * 151, "expected user"),
    ({"field_type": "user"}, ["reviewer"], "expected user"),
]  # fmt: skip


@pytest.mark.parametrize(("limits", "value"), FITS)
def test_what_keeps_the_limits_is_taken(limits: dict[str, Any], value: Any) -> None:
    assert UserInputField("f", **limits).problem(value) is None


@pytest.mark.parametrize(("limits", "value", "said"), FAILS)
def test_what_breaks_a_limit_is_told_by_name(limits: dict[str, Any], value: Any, said: str) -> None:
    problem = UserInputField("f", **limits).problem(value)
    assert problem is not None
    assert problem.startswith("Field 'f'")
    assert said in problem


@pytest.mark.parametrize("limits", [limits for limits, _ in FITS])
def test_a_field_with_limits_comes_back_from_its_dict(limits: dict[str, Any]) -> None:
    field = UserInputField("f", **limits)
    assert UserInputField.from_dict(field.to_dict()) == field


def test_a_field_without_limits_is_as_it_always_was() -> None:
    assert list(UserInputField("f").to_dict()) == ["name", "field_type", "description", "value", "required"]


def test_no_text_can_make_a_pattern_slow() -> None:
    field, began = UserInputField("f", pattern="(a+)+b"), time.perf_counter()
    assert field.problem("a" * 100_000) is not None
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"pattern": "["},
        {"pattern": "(?=a)b"},
        {"pattern": "a{1000}{1000}"},
        {"field_type": "list", "items": "object"},
        {"field_type": "choices"},
        {"field_type": "int", "minimum": 2, "maximum": 1},
        {"min_length": 2, "max_length": 1},
        {"field_type": "date", "minimum": "soon"},
    ],
)
def test_a_field_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Field 'f'"):
        UserInputField("f", **wrong)


ROOM = [
    UserInputField("room", allowed_values=["none", "single", "shared"]),
    UserInputField("with_whom", when={"room": "shared"}),
    UserInputField("nights", "int", when={"room": ["single", "shared"]}),
    UserInputField("why", when={"with_whom": "admin"}),
]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"room": "none", "with_whom": "admin"}, ["room"]),
        ({"room": "single"}, ["room", "nights"]),
        ({"room": "shared", "with_whom": "admin"}, ["room", "with_whom", "nights", "why"]),
        ({}, ["room"]),
    ],
)
def test_a_field_is_there_only_while_its_condition_holds(values: dict[str, Any], names: list[str]) -> None:
    assert [field.name for field in shown_fields(ROOM, values)] == names


def test_what_is_hidden_is_neither_required_nor_checked() -> None:
    check_values(ROOM, {"room": "none", "nights": "not a number"})
    with pytest.raises(InputErrors) as refused:
        check_values(ROOM, {"room": "shared", "nights": "x"})
    assert set(refused.value.by_field) == {"with_whom", "nights"}


def test_true_is_not_one() -> None:
    fields = [UserInputField("n", "int"), UserInputField("x", when={"n": True})]
    assert [field.name for field in shown_fields(fields, {"n": 1})] == ["n"]


def test_a_condition_is_about_an_earlier_field() -> None:
    with pytest.raises(ValueError, match="names no earlier field: later"):
        check_form([UserInputField("a", when={"later": 1}), UserInputField("later")])


def test_a_file_comes_back_from_its_dict() -> None:
    file = File(name="a.txt", content=b"\0\xff", content_type="text/plain")
    assert File.from_dict(file.to_dict()) == file
