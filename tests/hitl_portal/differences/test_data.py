"""Data is compared by its structure."""

from typing import Any

import pytest

from hitl_portal.differences import Kind, difference


def found(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    changes = difference(before, after).changes
    return [("/".join(change.path), change.fate, change.before, change.after) for change in changes]


def test_keys_come_go_and_change() -> None:
    assert found({"a": 1, "b": 2, "c": {"d": 3}}, {"b": 2, "c": {"d": 4}, "e": 5}) == [
        ("a", "removed", 1, None),
        ("c/d", "changed", 3, 4),
        ("e", "added", None, 5),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([1.0, "x"], [1, "x"]), ({}, {}), (None, None)],
)
def test_what_is_the_same_for_json_is_no_change(before: Any, after: Any) -> None:
    assert difference(before, after).kind == Kind.SAME


@pytest.mark.parametrize(
    ("before", "after"), [(True, 1), ("1", 1), (None, 0), ([], {}), ("", None), (0, False), ({"a": None}, {})]
)
def test_what_is_another_kind_of_thing_is_a_change(before: Any, after: Any) -> None:
    assert difference(before, after).kind == Kind.DATA


def test_members_with_an_id_are_found_again_wherever_they_stand() -> None:
    before = [{"id": 1, "price": 5}, {"id": 2, "price": 6}]
    after = [{"id": 2, "price": 7}, {"id": 1, "price": 5}, {"id": 3, "price": 8}]
    assert found(before, after) == [
        ("id 2/price", "changed", 6, 7),
        ("id 3", "added", None, {"id": 3, "price": 8}),
        ("", "moved", None, None),
    ]


def test_members_without_one_are_compared_where_they_stand() -> None:
    assert found(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"]) == [
        ("#2", "changed", "b", "x"),
        ("#5", "added", None, "e"),
    ]


def test_one_more_in_the_middle_changes_no_other() -> None:
    assert found([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 9}, {"a": 2}]) == [("#2", "added", None, {"a": 9})]


def test_an_id_that_several_share_tells_nobody_apart() -> None:
    before = [{"id": 1, "a": 1}, {"id": 1, "a": 2}]
    assert found(before, [{"id": 1, "a": 1}, {"id": 1, "a": 3}]) == [("#2/a", "changed", 2, 3)]


def test_long_texts_inside_are_compared_by_words() -> None:
    text = "a letter that is long enough to be compared by words, "
    [change] = difference({"text": text + "old"}, {"text": text + "new"}).changes
    assert change.words is not None
    assert [span.text for row in change.words.rows for span in row.spans] == [text, "old", "new"]


def test_a_text_that_became_data_is_one_change() -> None:
    assert found("a", {"a": 1}) == [("", "changed", "a", {"a": 1})]


def test_only_so_many_changes_are_listed() -> None:
    cut = difference(dict.fromkeys(map(str, range(5_000)), 1), {})
    assert len(cut.changes) == 200
    assert cut.is_cut


def test_what_is_nested_very_deeply_is_compared_too() -> None:
    before: Any = 1
    after: Any = 2
    for _ in range(300):
        before, after = [before], {"a": [after]}
    assert difference([before], [after]).kind == Kind.DATA
