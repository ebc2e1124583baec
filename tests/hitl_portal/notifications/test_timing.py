"""What falls into quiet hours comes when they end, in the person's own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hitl_portal.notifications.kinds import Mode
from hitl_portal.notifications.timing import Due, Hours, due

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Hours(zone=BERLIN, quiet_from=time(22), quiet_until=time(7), digest_at=time(8))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Clocks in Berlin say this, in December 2026."""
    return datetime(2026, 12, day, hour, minute, tzinfo=BERLIN)


def test_at_once_is_now() -> None:
    assert due(Mode.IMMEDIATE, NIGHT, at(1, 12)) == Due(at=at(1, 12))


@pytest.mark.parametrize("moment", [(1, 22), (1, 23, 59), (2, 0), (2, 6, 59)])
def test_what_falls_into_the_night_comes_in_the_morning(moment: tuple[int, ...]) -> None:
    assert due(Mode.IMMEDIATE, NIGHT, at(*moment)) == Due(at=at(2, 7), together=True)


def test_at_the_end_of_the_night_it_is_day() -> None:
    assert due(Mode.IMMEDIATE, NIGHT, at(2, 7)).at == at(2, 7)


def test_hours_within_one_day_are_quiet_too() -> None:
    noon = Hours(zone=BERLIN, quiet_from=time(12), quiet_until=time(13))

    assert due(Mode.IMMEDIATE, noon, at(1, 12, 30)).at == at(1, 13)
    assert due(Mode.IMMEDIATE, noon, at(1, 22)).at == at(1, 22)


def test_the_daily_message_comes_at_its_hour() -> None:
    assert due(Mode.DIGEST, NIGHT, at(1, 7, 30)) == Due(at=at(1, 8), together=True)
    assert due(Mode.DIGEST, NIGHT, at(1, 8)) == Due(at=at(2, 8), together=True)


def test_a_daily_message_in_the_night_waits_for_its_end() -> None:
    early = Hours(zone=BERLIN, quiet_from=time(22), quiet_until=time(7), digest_at=time(5))

    assert due(Mode.DIGEST, early, at(1, 12)).at == at(2, 7)


def test_what_would_be_over_by_the_morning_comes_through() -> None:
    soon = at(2, 3)

    assert due(Mode.IMMEDIATE, NIGHT, at(2, 1), soon) == Due(at=at(2, 1))
    assert due(Mode.IMMEDIATE, NIGHT, at(2, 1), at(2, 12)).at == at(2, 7)


def test_unless_the_person_wants_quiet_all_the_same() -> None:
    quiet = Hours(zone=BERLIN, quiet_from=time(22), quiet_until=time(7), urgent_through=False)

    assert due(Mode.IMMEDIATE, quiet, at(2, 1), at(2, 3)).at == at(2, 7)


def test_the_hour_that_a_clock_skips_comes_all_the_same() -> None:
    """On 29 March 2026 clocks in Berlin went from 2:00 to 3:00."""
    skipped = Hours(zone=BERLIN, digest_at=time(2, 30))
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    assert before < due(Mode.DIGEST, skipped, before).at < before + timedelta(hours=2)
