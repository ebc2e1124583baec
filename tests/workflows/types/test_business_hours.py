"""Working time passes only while people are at work, wherever that is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflows.types import BusinessHours

HOUR = 3600
VIENNA = BusinessHours(zone="Europe/Vienna")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        ("2026-01-05T09:00", 1, "2026-01-05T10:00"),  # Monday, 10 to 11 in Vienna
        ("2026-01-05T15:30", 1, "2026-01-06T08:30"),  # over the evening
        ("2026-01-05T03:00", 1, "2026-01-05T09:00"),  # before work
        ("2026-01-09T15:30", 1, "2026-01-12T08:30"),  # over the weekend
        ("2026-01-10T12:00", 8, "2026-01-12T16:00"),  # on a Saturday: all of Monday
        ("2026-01-05T08:00", 40, "2026-01-09T16:00"),  # a week
        ("2026-07-06T07:00", 1, "2026-07-06T08:00"),  # in summer it is earlier in UTC
    ],
)
def test_working_time_passes_while_people_work(begin: str, hours: int, end: str) -> None:
    assert VIENNA.after(at(begin), hours * HOUR) == at(end)


def test_nobody_works_on_holidays() -> None:
    hours = BusinessHours(zone="Europe/Vienna", holidays=("2026-01-06",))

    assert hours.after(at("2026-01-05T15:30"), HOUR) == at("2026-01-07T08:30")


def test_an_hour_is_an_hour_where_clocks_change() -> None:
    hours = BusinessHours(zone="Europe/Vienna", days=("sun",), start="01:00", end="05:00")
    spring, autumn = at("2026-03-29T00:00"), at("2026-10-24T23:00")

    assert hours.after(spring, 3 * HOUR) == spring + timedelta(hours=3)
    assert hours.after(autumn, 5 * HOUR) == autumn + timedelta(hours=5)


def test_as_data_and_back() -> None:
    hours = BusinessHours(zone="Asia/Tokyo", days=("mon", "sat"), start="08:30", holidays=("2026-01-01",))

    assert BusinessHours.of(hours.to_dict()) == hours


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Atlantis"},
        {"zone": "../etc/passwd"},
        {"days": ("monday",)},
        {"days": ()},
        {"start": "17:00"},
        {"start": "late"},
        {"holidays": ("Christmas",)},
        {"until": "17:00"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"business_hours|[Ii]nvalid"):
        BusinessHours.of(wrong)
