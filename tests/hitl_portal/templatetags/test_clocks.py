"""How long something took, in few words."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from hitl_portal.templatetags.clocks import length_of


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(milliseconds=340), "340 ms"),
        (timedelta(seconds=2.14), "2.1 s"),
        (timedelta(minutes=3, seconds=20), "3 min 20 s"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (None, ""),
    ],
)
def test_it_says_two_units_at_most(time: timedelta | None, words: str) -> None:
    with override("en"):
        assert length_of(time) == words


def test_germans_read_a_comma() -> None:
    with override("de"):
        assert length_of(timedelta(seconds=2.14)) == "2,1 s"
