"""The pauses between tries: they grow, differ, last two days, and heed what a receiver asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from hitl_portal.outbound.deriving import LASTING
from hitl_portal.outbound.pace import LONGEST_WAIT, asked_for, next_try

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pauses(dice: float) -> list[float]:
    """All of them, where nothing ever arrives."""
    now, until = NOW, NOW + LASTING
    found: list[float] = []
    for failures in range(1, 100):
        at = next_try(failures, now=now, until=until, asked=0, dice=dice)
        if at is None:
            return found
        found.append((at - now).total_seconds())
        now = at
    raise AssertionError("it never ends")


@pytest.mark.parametrize("dice", [0.0, 0.5, 0.99])
def test_tries_go_on_for_two_days_to_the_end(dice: float) -> None:
    assert sum(pauses(dice)) == LASTING.total_seconds()


def test_pauses_grow() -> None:
    found = pauses(0.5)[:-1]
    assert found == sorted(found)
    assert found[:4] == [5, 30, 120, 600]


def test_no_two_receivers_are_tried_at_the_same_moment() -> None:
    assert pauses(0.0)[0] < pauses(0.5)[0] < pauses(0.9)[0]


def test_what_the_receiver_asks_for_counts_where_it_is_longer() -> None:
    until = NOW + LASTING
    assert next_try(1, now=NOW, until=until, asked=60, dice=0.5) == NOW + timedelta(seconds=60)
    assert next_try(5, now=NOW, until=until, asked=60, dice=0.5) == NOW + timedelta(minutes=30)


def test_nobody_asks_for_more_than_there_is() -> None:
    until = NOW + timedelta(hours=1)
    assert next_try(1, now=NOW, until=until, asked=LONGEST_WAIT, dice=0.5) == until
    assert next_try(2, now=until, until=until, asked=0, dice=0.5) is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-5", 0),
        ("99999999999999", LONGEST_WAIT),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 9999 11:00:00 GMT", LONGEST_WAIT),
        ("soon", 0),
        ("1e9", 0),
        ("²", 0),
        ("", 0),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(said: str, seconds: float) -> None:
    assert asked_for({"retry-after": said}, NOW) == seconds
    assert asked_for({}, NOW) == 0
