"""A field whose value is made when somebody looks."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from workflows.types.later import Later


@dataclass
class Thing:
    """One field that may come later."""

    value: Any = Later()  # noqa: RUF009  it keeps nothing itself
    other: int = 0


def test_it_is_made_once_and_not_before_somebody_looks() -> None:
    made: list[int] = []
    thing = Thing(value=partial(made.append, 1))
    assert made == []
    assert (thing.value, thing.value, made) == (None, None, [1])


def test_what_is_given_as_it_is_stays_as_it_is() -> None:
    assert (Thing(value=3).value, Thing(value=len).value, Thing().value) == (3, len, None)


def test_a_copy_has_what_was_made() -> None:
    assert replace(Thing(value=partial(int, "3")), other=1) == Thing(value=3, other=1)
