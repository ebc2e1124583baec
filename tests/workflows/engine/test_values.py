"""Values: what may flow through a run comes back as it was; anything else is refused by name."""

import collections
import dataclasses
import datetime as dates
import decimal
import enum
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from workflows.engine import values


class Colour(enum.Enum):
    """An enum whose values are no JSON."""

    red = (255, 0, 0)


class Level(enum.IntEnum):
    """An enum that is also a number."""

    high = 3


class Money(BaseModel):
    """A model that knows its currency by another name outside, and takes what it does not know."""

    model_config = ConfigDict(extra="allow")

    amount: decimal.Decimal
    currency: str = Field("EUR", alias="ccy")


@dataclasses.dataclass
class Line:
    """A dataclass with a computed field and a model inside."""

    price: Money
    count: int
    total: int = dataclasses.field(init=False, default=0)


Point = collections.namedtuple("Point", "x y")

# A few characters that have given somebody trouble; the whole of Unicode takes a second to get ready.
texts = st.text('ab $"\\\0\n\u2028é€😀', max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.just("$type"), inner, max_size=4),
    max_leaves=20,
)
hashable = st.integers() | texts | st.binary(max_size=6) | st.uuids() | st.dates() | st.times()
tagged = (
    hashable
    | st.datetimes(timezones=st.none() | st.just(dates.UTC))
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.frozensets(hashable, max_size=4)
    | st.sets(hashable, max_size=4)
    | st.tuples(hashable, plain)
    | st.sampled_from([Colour.red, Level.high])
    | st.builds(lambda price: Money(amount=price, ccy="USD"), st.decimals(0, 99, places=2))
)


@given(plain)
def test_json_comes_back_as_it_was(value: Any) -> None:
    assert values.decode(values.encode(value)) == value


@given(st.lists(tagged, max_size=3), st.dictionaries(texts, tagged, max_size=3))
def test_tagged_types_come_back_as_themselves_wherever_they_stand(
    many: list[Any], named: dict[str, Any]
) -> None:
    back = values.decode(values.encode([many, named]))
    assert back == [many, named]
    assert [type(item) for item in back[0]] == [type(item) for item in many]


@given(plain)
def test_plain_data_shown_is_the_data(value: Any) -> None:
    assert values.plain(values.encode(value)) == value


@pytest.mark.parametrize("falsy", [0, "", False, None, [], {}, (), 0.0])
def test_falsy_values_keep_their_type(falsy: Any) -> None:
    back = values.decode(values.encode(falsy))
    assert back == falsy
    assert type(back) is type(falsy)


def test_models_and_dataclasses_come_back_whole() -> None:
    line = Line(price=Money.model_validate({"amount": "1.10", "ccy": "USD", "note": "tip"}), count=2)
    line.total = 220
    back = values.decode(values.encode(line))
    assert back == line
    assert (back.price.model_extra, back.total) == ({"note": "tip"}, 220)


def test_a_model_is_shown_by_its_fields() -> None:
    shown = values.plain(values.encode(Money(amount=decimal.Decimal("1.10"), ccy="USD")))
    assert shown == {"amount": "1.10", "currency": "USD"}


def test_a_named_tuple_comes_back_as_a_tuple() -> None:
    assert values.decode(values.encode(Point(1, 2))) == (1, 2)


def test_a_set_is_written_the_same_way_every_time() -> None:
    assert values.encode({"b", "a", "c"}) == values.encode({"c", "b", "a"})


def test_a_class_that_cannot_be_imported_comes_back_as_a_dict() -> None:
    @dataclasses.dataclass
    class Local:
        a: int = 1

    assert values.decode(values.encode(Local())) == {"a": 1}


@pytest.mark.parametrize("path", ["gone.module:Money", f"{__name__}:Gone", "builtins:print", "os:system"])
def test_a_tag_that_names_no_model_stays_data(path: str) -> None:
    text = values.encode({"a": 1}).replace(
        '{"a":1}', f'{{"$type":"model","class":"{path}","value":{{"a":1}}}}'
    )
    assert values.decode(text) == {"a": 1}


def test_a_class_that_has_changed_since_leaves_its_data() -> None:
    text = values.encode(Money(amount=decimal.Decimal(1), ccy="USD")).replace("amount", "amounts")
    assert values.decode(text) == {"amounts": decimal.Decimal(1), "currency": "USD"}


@pytest.mark.parametrize(
    "hostile",
    [
        {"$type": "model", "class": "os:system", "value": "ls"},
        {"$type": "bytes", "value": "AAAA"},
        {"$type": "dict", "value": {"$type": "x"}},
        {"$type": None},
        [{"deep": {"$type": "enum", "class": "a:b", "value": 1}}],
    ],
)
def test_a_type_tag_in_somebodys_data_stays_data(hostile: Any) -> None:
    text = values.encode(hostile)
    assert values.decode(text) == hostile
    assert values.plain(text) == hostile


@pytest.mark.parametrize(
    ("refused", "named"),
    [
        (object(), "builtins.object"),
        (print, "builtin_function_or_method"),
        ([{"a": (1, object())}], "builtins.object"),
        ({1: "a"}, "int"),
        (Money, "ModelMetaclass"),
        ((letter for letter in "abc"), "generator"),
    ],
)
def test_what_is_not_data_is_refused_by_name(refused: Any, named: str) -> None:
    with pytest.raises(values.UnencodableValue, match=named):
        values.encode(refused)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), [-float("inf")]])
def test_numbers_that_json_cannot_say_are_refused(number: Any) -> None:
    with pytest.raises(values.UnencodableValue):
        values.encode(number)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(values.UnencodableValue):
        values.encode("\ud800")


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(values.UnencodableValue, match="contains itself"):
        values.encode(endless)


@pytest.mark.parametrize(
    "state", [{"a": object()}, {"a": float("nan")}, {"a": uuid.uuid4()}, {"a": "\ud800"}]
)
def test_session_state_is_json_alone(state: dict[str, Any]) -> None:
    with pytest.raises(values.UnencodableValue, match="session_state"):
        values.json_clean(state)


def test_a_summary_is_one_short_line() -> None:
    assert values.summary({"amount": 12, "customer": "c-1", "lines": [1, 2]}) == "amount: 12, customer: c-1"
    assert values.summary("two\nlines") == "two lines"
    assert len(values.summary("long " * 100)) == values.SUMMARY_LENGTH
    assert values.summary(None) == ""
