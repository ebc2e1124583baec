"""When something is told: at once, with the daily message, or when the quiet hours are over. Pure: it has no clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hitl_portal.notifications.kinds import Mode

DAY = timedelta(days=1)
# So long before its end something of high risk may wake people up, rather than wait until the quiet hours are over.
MARGIN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A person's hours: when they want quiet, when the daily message comes, and where they are."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    urgent_through: bool = True
    digest_at: time = time(8)


@dataclass(frozen=True, kw_only=True)
class Due:
    """When something is sent; `together`: with whatever else is due then."""

    at: datetime
    together: bool = False


def due(mode: Mode, hours: Hours, now: datetime, expires_at: datetime | None = None) -> Due:
    """When to tell what has happened now. `expires_at` is when it is over, of what is urgent."""
    at = now if mode is Mode.IMMEDIATE else _next(hours.digest_at, hours.zone, now)
    end = quiet_end(hours, at)
    is_urgent = mode is Mode.IMMEDIATE and expires_at is not None and end is not None
    if is_urgent and hours.urgent_through and expires_at <= end + MARGIN:  # type: ignore[operator]
        end = None
    return Due(at=end or at, together=mode is Mode.DIGEST or end is not None)


def quiet_end(hours: Hours, at: datetime) -> datetime | None:
    """When the quiet hours end in which this moment lies; None where it lies in none."""
    begins, ends = hours.quiet_from, hours.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    clock = at.astimezone(hours.zone).time()
    is_quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    return _next(ends, hours.zone, at) if is_quiet else None


def _next(clock: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The next time that clocks there say so. Where a clock skips it, the moment after."""
    local = after.astimezone(zone)
    at = datetime.combine(local.date(), clock, zone)
    if at <= local:
        at = datetime.combine(local.date() + DAY, clock, zone)
    return at.astimezone(ZoneInfo("UTC"))
