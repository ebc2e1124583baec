"""What changed is marked for eyes, for ears and without colours; foreign text in it is inert."""

import re
from typing import Any

import pytest
from django.template import Context, Template

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} </ins></div>"


def shown(before: Any, after: Any) -> str:
    template = Template('{% load differences %}{% difference before after "x" %}')
    return template.render(Context({"before": before, "after": after}))


def heard(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_words_that_came_and_went_are_marked() -> None:
    page = shown("we pay 20 today", "we pay 25 today")
    assert re.search(r"<del>.*20.*</del>\s*<ins>.*25.*</ins>", page)
    assert "1 word added, 1 word removed" in page


def test_ears_learn_it_too() -> None:
    assert "we pay [removed: 20][added: 25] today" in heard(shown("we pay 20 today", "we pay 25 today"))


def test_changes_of_data_name_their_place() -> None:
    page = heard(shown({"order": {"items": [1, 2]}}, {"order": {"items": [1, 3]}}))
    assert "changedorder \u203a items \u203a #2 [removed: 2 ] [added: 3 ]" in page


def test_stretches_that_did_not_change_can_be_opened() -> None:
    lines = "\n".join(f"line {number}" for number in range(20))
    page = shown(lines, f"{lines}\nnew")
    assert '<details class="difference-fold" data-fold id="x-1"><summary>18 unchanged lines</summary>' in page


@pytest.mark.parametrize(("before", "after"), [("a", "a"), ({"a": 1}, {"a": 1})])
def test_that_nothing_changed_is_said(before: Any, after: Any) -> None:
    assert "Nothing changed." in shown(before, after)


def test_spaces_that_came_can_be_seen() -> None:
    assert "␣␣" in shown("a b", "a   b")
    assert "↵" in shown("a", "a\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a", HOSTILE),
        (HOSTILE, f"{HOSTILE} more"),
        ("\n".join([HOSTILE] * 9), "\n".join([HOSTILE] * 9 + ["x"])),
        ({HOSTILE: 1}, {HOSTILE: HOSTILE}),
        ({}, {"a": {HOSTILE: [HOSTILE]}}),
        ([{"id": HOSTILE, "a": 1}], [{"id": HOSTILE, "a": 2}]),
    ],
)
def test_hostile_text_is_inert(before: Any, after: Any) -> None:
    page = shown(before, after)
    assert "<script" not in page
    assert "<img" not in page
    assert "alert(1)" in page


@pytest.mark.parametrize(
    ("before", "after"), [("pay", "pay\u202e evil"), ({"a": 1}, {"a": "x\u202e"}), ({}, {"\u202ex": 1})]
)
def test_hidden_characters_are_revealed(before: Any, after: Any) -> None:
    page = shown(before, after)
    assert "\u202e" not in page
    assert "U+202E" in page
