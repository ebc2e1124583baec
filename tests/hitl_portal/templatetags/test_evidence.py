"""Foreign data is shown as what it is, inert, and never too much of it at once."""

from typing import Any

import pytest
from django.template import Context, Template


def shown(value: Any) -> str:
    template = Template("{% load evidence %}{% evidence value %}")
    return " ".join(template.render(Context({"value": value})).split())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("words", '<span class="short">words</span>'),
        ("two\nlines", '<div class="prose">two lines</div>'),
        (0, '<span class="number">0</span>'),
        (249.5, '<span class="number">249.5</span>'),
        (1234567, '<span class="number">1,234,567</span>'),
        (-1234567.125, '<span class="number">-1,234,567.125</span>'),
        (True, "Yes"),
        (False, "No"),
        (None, '<span class="muted">empty</span>'),
        ({}, '<span class="muted">empty</span>'),
        (["a", "b"], '<span class="short">a, b</span>'),
    ],
)
def test_each_kind_of_value_has_its_form(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_mapping_is_a_table_of_names() -> None:
    page = shown({"customer_name": "C-7", "order_id": 1234567})
    assert "<dt>Customer name</dt>" in page
    assert "1234567" in page  # what names something is not grouped


def test_rows_of_one_shape_are_a_table() -> None:
    page = shown([{"item": "Ink", "amount": 2}, {"item": "Paper", "amount": 10}])
    assert page.count("<tr>") == 3
    assert '<th scope="col">Item</th>' in page


def test_rows_of_several_shapes_are_a_list() -> None:
    page = shown([{"item": "Ink"}, {"amount": 10}])
    assert "<table>" not in page
    assert "2 items" in page


def test_long_text_folds_and_keeps_all_of_it() -> None:
    page = shown("word " * 2000 + "the end")
    assert "<details" in page
    assert "the end" in page


def test_endless_text_and_lists_are_cut_and_say_so() -> None:
    assert "988000 more characters are not shown here." in shown("x" * 1_000_000)
    assert "840 more are not shown here." in shown([{"n": [1]}] * 1000)


def test_data_that_is_deeper_than_anybody_reads_is_text() -> None:
    deep: Any = "bottom"
    for _level in range(60):
        deep = {"down": deep}
    assert "bottom" in shown(deep)


@pytest.mark.parametrize(
    "wrap", [lambda text: text, lambda text: {text: text}, lambda text: [text, {text: [text]}]]
)
def test_nothing_in_it_is_markup(wrap: Any) -> None:
    page = shown(wrap("<script>alert(1)</script>{{ 7|add:7 }}"))
    assert "<script>" not in page
    assert "{{ 7|add:7 }}" in page
