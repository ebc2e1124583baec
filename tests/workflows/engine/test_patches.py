"""Merge patches: what changed is all that is kept, and it makes the one of the other."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.patches import apply, difference

# None removes a key (RFC 7396), so a dict cannot hold it; inside a list it may stand.
leaves = st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("aé€", max_size=3)
keys = st.sampled_from("abcd")
dicts = st.recursive(
    st.dictionaries(keys, leaves | st.lists(leaves | st.none(), max_size=3), max_size=4),
    lambda inner: st.dictionaries(keys, leaves | inner, max_size=4),
    max_leaves=12,
)


@given(dicts, dicts)
def test_the_difference_applied_makes_the_new_of_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = difference(old, new)
    apply(old, copy.deepcopy(patch))
    assert old == new


@given(dicts)
def test_nothing_changed_is_an_empty_patch(data: dict[str, Any]) -> None:
    assert difference(data, copy.deepcopy(data)) == {}


@given(dicts, dicts)
def test_taking_the_difference_changes_nothing(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = copy.deepcopy((old, new))
    difference(old, new)
    assert (old, new) == before


def test_true_is_not_one() -> None:
    assert difference({"paid": 1}, {"paid": True}) == {"paid": True}


def test_a_key_set_to_none_is_removed() -> None:
    state = {"lock": "held", "kept": 1}
    apply(state, difference(state, {"lock": None, "kept": 1}))
    assert state == {"kept": 1}


def test_a_deep_change_leaves_the_neighbours_alone() -> None:
    old = {"cart": {"items": [1], "total": 3}, "user": "u"}
    assert difference(old, {"cart": {"items": [1], "total": 4}, "user": "u"}) == {"cart": {"total": 4}}


def test_patches_of_two_who_changed_different_things_both_count() -> None:
    state: dict[str, Any] = {"n": 0}
    ours, theirs = difference(state, {"n": 0, "a": 1}), difference(state, {"n": 0, "b": 2})
    apply(state, ours)
    apply(state, theirs)
    assert state == {"n": 0, "a": 1, "b": 2}
