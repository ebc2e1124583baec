"""When to try again: pauses that grow to half a day, never quite the same, for two days; later if the receiver says so.

Pure: no clock and no dice of its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MINUTE, HOUR = 60, 3600
PAUSES = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR)
SPREAD = 0.2
LONGEST_WAIT = 24 * HOUR  # of what a receiver may ask for


def next_try(failures: int, *, now: datetime, until: datetime, asked: float, dice: float) -> datetime | None:
    """When to try again after so many failures in a row; None: no more. `dice` is in [0, 1), `asked` in seconds.

    The last try is at `until` itself, so that a receiver that comes back late is found.
    """
    if now >= until:
        return None
    pause = PAUSES[min(failures, len(PAUSES)) - 1] * (1 + SPREAD * (2 * dice - 1))
    return min(now + timedelta(seconds=max(pause, asked)), until)


def asked_for(headers: Mapping[str, str], now: datetime) -> float:
    """For how many seconds a Retry-After asks (RFC 9110, 10.2.3), at most LONGEST_WAIT; 0 without a readable one."""
    said = headers.get("retry-after", "").strip()
    is_number = said.isascii() and said.isdigit()
    seconds = float(said[:9]) if is_number else _until_date(said, now)
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _until_date(said: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
