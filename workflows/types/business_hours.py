"""Business hours: when people of one place are at work, as data; and what time it is so many working hours later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """The hours of work in a time zone: `start` to `end` (HH:MM, of one day) on `days`, except on `holidays`
    (ISO dates). Raises ValueError for a zone, day, hour or date that there is not."""

    zone: str = "UTC"
    days: tuple[str, ...] = WEEKDAYS[:5]
    start: str = "09:00"
    end: str = "17:00"
    holidays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(self.days))
        object.__setattr__(self, "holidays", tuple(str(day) for day in self.holidays))
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"business_hours: there is no time zone {self.zone!r}") from None
        unknown = [day for day in self.days if day not in WEEKDAYS]
        if unknown or not self.days:
            raise ValueError(f"business_hours: days={self.days!r} are not among {', '.join(WEEKDAYS)}")
        if time.fromisoformat(self.start) >= time.fromisoformat(self.end):
            raise ValueError(f"business_hours: {self.start} is not before {self.end}")
        for day in self.holidays:
            date.fromisoformat(day)

    @classmethod
    def of(cls, data: "BusinessHours | Mapping[str, Any]") -> Self:
        """Of one, or of the dict of one. ValueError on a field that there is not."""
        given = data.to_dict() if isinstance(data, BusinessHours) else dict(data)
        known = {field.name for field in fields(cls)}
        if given.keys() - known:
            raise ValueError(f"business_hours: unknown {', '.join(sorted(given.keys() - known))}")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        return data | {"days": list(self.days), "holidays": list(self.holidays)}

    def after(self, begin: datetime, seconds: float) -> datetime:
        """When so many seconds of work will have passed since `begin`; both in UTC."""
        left = timedelta(seconds=seconds)
        for opens, closes in self._windows(begin):
            start = max(opens, begin)
            if start >= closes:
                continue
            if left <= closes - start:
                return start + left
            left -= closes - start
        raise AssertionError("there is always another day")

    def _windows(self, begin: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The days' hours from the day of `begin` on, in UTC: where clocks change, an hour is still an hour."""
        zone = ZoneInfo(self.zone)
        opens, closes = time.fromisoformat(self.start), time.fromisoformat(self.end)
        day = begin.astimezone(zone).date()
        while True:
            if WEEKDAYS[day.weekday()] in self.days and day.isoformat() not in self.holidays:
                yield (
                    datetime.combine(day, opens, zone).astimezone(UTC),
                    datetime.combine(day, closes, zone).astimezone(UTC),
                )
            day += timedelta(days=1)
