"""Form fields and the check of what was filled in (spec 2.3, 2.5; W13, W28-W30)."""

from typing import Any

import pytest

from workflows.types import InputErrors, UserInputField, check_values


def test_a_field_is_required_text_unless_it_says_otherwise() -> None:
    field = UserInputField("env")
    assert (field.field_type, field.required, field.value, field.allowed_values) == ("str", True, None, None)


@pytest.mark.parametrize(
    "field",
    [
        UserInputField("env"),
        UserInputField("env", "int", "How many", 3, required=False),
        UserInputField("env", allowed_values=["a", "b"]),
    ],
)
def test_a_field_comes_back_from_its_dict(field: UserInputField) -> None:
    assert UserInputField.from_dict(field.to_dict()) == field
    assert ("allowed_values" in field.to_dict()) is (field.allowed_values is not None)


def test_a_copy_does_not_share_its_answer() -> None:
    field = UserInputField("env")
    UserInputField.of(field).value = "staging"
    assert field.value is None


def test_a_field_needs_a_name() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        UserInputField.from_dict({"field_type": "str"})


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        ("str", "a"),
        ("int", 3),
        ("float", 1.5),
        ("float", 3),
        ("bool", False),
        ("text", object()),
        ("list", "x"),
    ],
)
def test_what_fits_is_taken(field_type: str, value: Any) -> None:
    assert UserInputField("f", field_type).problem(value) is None


@pytest.mark.parametrize(
    ("field_type", "value", "got"),
    [
        ("str", 3, "int"),
        ("int", "3", "str"),
        ("int", True, "bool"),
        ("int", 1.0, "float"),
        ("float", "1.5", "str"),
        ("float", True, "bool"),
        ("bool", 1, "int"),
    ],
)
def test_what_does_not_fit_is_refused(field_type: str, value: Any, got: str) -> None:
    assert UserInputField("f", field_type).problem(value) == f"Field 'f' expected {field_type}, got {got}"


@pytest.mark.parametrize("nothing", [None, ""])
def test_only_a_required_field_must_be_filled_in(nothing: Any) -> None:
    assert UserInputField("f").problem(nothing) == "Required field 'f' is missing or empty"
    assert UserInputField("f", required=False).problem(nothing) is None


@pytest.mark.parametrize(("field_type", "value"), [("int", 0), ("float", 0.0), ("bool", False)])
def test_falsy_is_not_empty(field_type: str, value: Any) -> None:
    assert UserInputField("f", field_type).problem(value) is None


def test_a_value_must_be_one_of_the_allowed() -> None:
    field = UserInputField("env", allowed_values=["staging", "production"])
    assert field.problem("production") is None
    assert (
        field.problem("moon")
        == "Field 'env' value 'moon' is not in allowed values: ['staging', 'production']"
    )


def test_a_whole_form_is_refused_with_all_its_problems() -> None:
    fields = [
        UserInputField("env"),
        UserInputField("replicas", "int"),
        UserInputField("note", required=False),
    ]
    with pytest.raises(InputErrors) as refused:
        check_values(fields, {"replicas": "3"})
    assert set(refused.value.by_field) == {"env", "replicas"}
    lines = str(refused.value).splitlines()
    assert lines[0] == "User input validation failed:"
    assert lines[1:] == [
        "  - Required field 'env' is missing or empty",
        "  - Field 'replicas' expected int, got str",
    ]


def test_a_default_counts_where_nothing_was_given() -> None:
    check_values([UserInputField("env", value="staging")], {})
