"""A mapping makes an input of a payload, whatever that is; one that cannot work is refused when it is written."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from hitl_portal.hooks.mapping import MOST_FOUND, Unmapped, check_expression, check_mapping, mapped

ORDER = {
    "order": {"id": "A-7", "customer": {"name": "Zoë"}, "total": 120.5, "note": None},
    "lines": [{"sku": "a", "price": 1}, {"sku": "b", "price": 40}],
}
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["order", "id", "lines"]), inner),
)


@pytest.mark.parametrize(
    ("mapping", "made"),
    [
        ("$", ORDER),
        ("$.order.id", "A-7"),
        ({"id": "$.order.id", "kind": "refund", "number": 3}, {"id": "A-7", "kind": "refund", "number": 3}),
        ({"who": {"name": "$.order.customer.name"}}, {"who": {"name": "Zoë"}}),
        ({"skus": "$.lines[*].sku"}, {"skus": ["a", "b"]}),
        ({"dear": "$.lines[?@.price > 10].sku"}, {"dear": ["b"]}),
        ({"prices": "$..price"}, {"prices": [1, 40]}),
        ({"last": "$.lines[-1].sku", "first": "$['lines'][0]['sku']"}, {"last": "b", "first": "a"}),
        ({"none": "$.lines[?@.price > 99]"}, {"none": []}),
        ({"id": "$.order.id", "gone": "$.order.nothing"}, {"id": "A-7"}),
        ({"note": "$.order.note"}, {"note": None}),
        (["$.order.id", "$.order.nothing", "x"], ["A-7", "x"]),
        ({"price": "$$5"}, {"price": "$5"}),
        ({}, {}),
    ],
    ids=str,
)
def test_an_input_is_made(mapping: Any, made: Any) -> None:
    check_mapping(mapping)

    assert mapped(mapping, ORDER) == made


@pytest.mark.parametrize("mapping", ["$.nothing", "$[0]"])
def test_nothing_at_all_is_no_input(mapping: str) -> None:
    with pytest.raises(Unmapped):
        mapped(mapping, ORDER)


def test_too_much_is_no_input() -> None:
    with pytest.raises(Unmapped, match="more than"):
        mapped("$[*]", [0] * (MOST_FOUND + 1))


@pytest.mark.parametrize("payload", [None, 3, "text", True])
def test_a_payload_that_is_one_value_has_only_itself(payload: Any) -> None:
    assert mapped({"all": "$", "part": "$.part"}, payload) == {"all": payload}


@pytest.mark.parametrize(
    "text",
    [
        "$.",
        "$.a[",
        "$ .a ",
        "$.a | $.b",
        "$..a..b",
        "$[?count($..*) > 1]",
        "$[?match(@.a, '(a+)+$')]",
        "$[?search(@.a, 'x')]",
        "order.id",
        "$." + "a" * 600,
    ],
)
def test_an_expression_that_cannot_work_or_may_take_too_long_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        check_expression(text)


def test_a_mapping_is_refused_for_one_of_its_expressions() -> None:
    with pytest.raises(ValidationError, match=r"\$\.\["):
        check_mapping({"a": [{"b": "$.["}]})


@given(DATA)
def test_no_payload_breaks_it(payload: Any) -> None:
    mapping = {"id": "$.order.id", "first": "$.lines[0]", "all": "$..id", "some": "$.lines[?@.id == 1]"}

    assert set(mapped(mapping, payload)) >= {"all", "some"}
