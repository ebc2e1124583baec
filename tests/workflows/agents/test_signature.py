"""Signature: what a function takes, as a schema, as a form, and as a check (spec 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from workflows.agents.signature import Declared, Signature, description
from workflows.types import InputErrors
from workflows.types.form_schema import form


class Colour(StrEnum):
    """What it may be painted in."""

    red = "red"
    blue = "blue"


class Address(BaseModel):
    """Where it goes."""

    street: str
    number: int


@dataclass
class Parcel:
    """What goes there."""

    weight: float
    fragile: bool = False


def send(
    parcel: Parcel,
    to: Address,
    day: date,
    colour: Colour = Colour.red,
    speed: Literal["slow", "fast"] = "slow",
    tags: list[str] | None = None,
) -> str:
    """Send a parcel."""
    return f"{parcel} {to} {day} {colour} {speed} {tags}"


def google(amount: int, note: str = "") -> None:
    """Pay somebody.

    At once.

    Args:
        amount: How much.
        note (str): What for,
            in a few words.

    Returns:
        Nothing.
    """


def numpy(amount: int, note: str = "") -> None:
    """Pay somebody.

    At once.

    Parameters
    ----------
    amount : int
        How much.
    note : str
        What for,
        in a few words.
    """


def rest(amount: int, note: str = "") -> None:
    """Pay somebody.

    At once.

    :param amount: How much.
    :param note: What for,
        in a few words.
    """


def given(city: str, session_state: dict[str, Any], run_context: Any, agent: Any = None) -> str:
    """Ask for more than the model gives."""
    return city


GOOD = {"parcel": {"weight": 2}, "to": {"street": "High Street", "number": "4"}, "day": "2024-05-06"}


def test_json_becomes_what_the_function_takes() -> None:
    checked = Signature(send).check({**GOOD, "colour": "blue", "tags": ["a"]})
    assert checked == {
        "parcel": Parcel(weight=2.0),
        "to": Address(street="High Street", number=4),
        "day": date(2024, 5, 6),
        "colour": Colour.blue,
        "tags": ["a"],
    }


def test_what_was_not_given_stays_the_functions_own_default() -> None:
    assert Signature(send).check(GOOD).keys() == GOOD.keys()


@pytest.mark.parametrize(
    ("args", "field", "problem"),
    [
        ({"day": "soon"}, "day", "Field 'day': Input should be a valid date"),
        ({"to": {"street": "x", "number": "y"}}, "to", "Field 'to.number': Input should be a valid integer"),
        ({"to": {"street": "x"}}, "to", "Field 'to.number': Field required"),
        ({"speed": "warp"}, "speed", "Field 'speed': Input should be 'slow' or 'fast'"),
        ({"price": 3}, "price", "Unknown argument 'price': it takes parcel, to, day, colour, speed, tags"),
    ],
)
def test_what_does_not_fit_is_named(args: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(InputErrors) as refused:
        Signature(send).check(GOOD | args)
    assert list(refused.value.by_field) == [field]
    assert refused.value.by_field[field].startswith(problem)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(InputErrors) as refused:
        Signature(send).check({})
    assert list(refused.value.by_field) == ["parcel", "to", "day"]
    assert refused.value.by_field["day"] == "Required field 'day' is missing or empty"


def test_some_may_be_missing() -> None:
    assert Signature(google).check({}, frozenset({"amount"})) == {}


@pytest.mark.parametrize("function", [google, numpy, rest])
def test_each_style_of_docstring_describes_the_parameters(function: Callable[..., Any]) -> None:
    properties = Signature(function).schema["properties"]
    assert properties["amount"] == {"type": "integer", "description": "How much."}
    assert (
        properties["note"]["description"].replace("\n", " ").replace("    ", "")
        == "What for, in a few words."
    )
    assert description(function) == "Pay somebody.\n\nAt once."


def test_the_schema_says_what_the_model_must_know() -> None:
    schema = Signature(send).schema
    assert schema["required"] == ["parcel", "to", "day"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["speed"] == {"type": "string", "enum": ["slow", "fast"], "default": "slow"}
    assert schema["properties"]["colour"]["default"] == "red"


def test_an_own_description_of_a_parameter_comes_first() -> None:
    def pay(amount: Annotated[int, Field(description="In cents", ge=1)]) -> None:
        """Pay.

        Args:
            amount: How much.
        """

    signature = Signature(pay)
    assert signature.schema["properties"]["amount"]["description"] == "In cents"
    with pytest.raises(InputErrors, match="greater than or equal to 1"):
        signature.check({"amount": 0})


def test_a_default_may_be_declared_with_pydantics_field() -> None:
    def pay(amount: int = Field(default=3, description="How much")) -> None:
        """Pay."""

    signature = Signature(pay)
    assert signature.schema["properties"]["amount"] == {
        "default": 3,
        "description": "How much",
        "type": "integer",
    }
    assert signature.check({}) == {"amount": 3}


def test_names_that_pydantic_uses_itself_are_as_good_as_others() -> None:
    def odd(json: int, copy: str, _hidden: int, model_config: str) -> None:
        """Odd."""

    args = {"json": 1, "copy": "x", "_hidden": 2, "model_config": "y"}
    assert Signature(odd).check(args) == args


def test_what_the_run_gives_is_not_shown_to_the_model() -> None:
    signature = Signature(given)
    assert signature.wants == {"session_state", "run_context", "agent"}
    assert list(signature.schema["properties"]) == ["city"]
    with pytest.raises(InputErrors, match="Unknown argument 'agent'"):
        signature.check({"city": "Oslo", "agent": "me"})


def test_a_team_that_is_a_word_is_an_argument() -> None:
    def assign(team: str, task: str) -> None:
        """Assign."""

    assert Signature(assign).wants == frozenset()
    assert Signature(assign).check({"team": "blue", "task": "x"}) == {"team": "blue", "task": "x"}


def test_any_arguments_pass_where_the_function_takes_any() -> None:
    def anything(city: str, **more: Any) -> None:
        """Anything."""

    assert Signature(anything).check({"city": "Oslo", "unit": "K"}) == {"city": "Oslo", "unit": "K"}


def test_parameters_without_types_take_anything() -> None:
    def untyped(thing, more=1):  # type: ignore[no-untyped-def]
        """Untyped."""

    assert Signature(untyped).check({"thing": [1, {"a": None}]}) == {"thing": [1, {"a": None}]}


def test_a_partial_is_the_function_inside() -> None:
    signature = Signature(partial(google, note="rent"))
    assert signature.name == "google"
    assert signature.check({"amount": 1}) == {"amount": 1}


def test_a_method_does_not_show_its_object() -> None:
    class Bank:
        def pay(self, amount: int) -> None:
            """Pay."""

    assert list(Signature(Bank.pay).schema["properties"]) == ["amount"]
    assert list(Signature(Bank().pay).schema["properties"]) == ["amount"]


def test_it_refuses_a_type_that_no_json_can_fill() -> None:
    with pytest.raises(ValueError, match="Tool 'odd': no JSON can fill"):
        Signature(_odd, "odd").check({})


def _odd(x: pytest.FixtureRequest) -> None:
    """Odd."""


def test_it_refuses_a_type_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="a type cannot be read: name 'Nowhere'"):
        _ = Signature(_nowhere()).schema


def _nowhere() -> Callable[..., Any]:
    def nowhere(x: Any) -> None:
        """Nowhere."""

    nowhere.__annotations__ = {"x": "Nowhere"}
    return nowhere


def test_it_refuses_what_cannot_be_given_by_name() -> None:
    def positional(x: int, /) -> None:
        """Positional."""

    with pytest.raises(ValueError, match="Tool 'positional': 'x' cannot be given by name"):
        Signature(positional)


def test_a_form_has_a_field_for_each_parameter() -> None:
    fields = {field["name"]: field for field in form(Signature(send).schema)}
    types = {name: field["field_type"] for name, field in fields.items()}
    assert types == {
        "parcel": "dict", "to": "dict", "day": "date", "colour": "str", "speed": "str", "tags": "list",
    }  # fmt: skip
    assert (fields["parcel"]["required"], fields["speed"]["required"]) == (True, False)
    assert fields["colour"]["allowed_values"] == ["red", "blue"]
    assert fields["parcel"]["value"] is None


def test_a_bare_schema_is_checked_by_its_names() -> None:
    declared = Declared({"properties": {"a": {}, "b": {}}, "required": ["a"]})
    assert declared.check({"a": 1}) == {"a": 1}
    with pytest.raises(InputErrors) as refused:
        declared.check({"c": 1})
    assert list(refused.value.by_field) == ["a", "c"]
