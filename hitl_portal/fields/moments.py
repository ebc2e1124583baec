"""Dates, times and moments. Answers have them as ISO 8601 text; a moment is typed in a zone that the page names."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflows.types.field_checks import moment

TYPED = "%Y-%m-%dT%H:%M"
FORMATS = (TYPED, f"{TYPED}:%S", f"{TYPED}:%S.%f")
LONGEST_ZONE = 60


class IsoDateField(forms.DateField):
    """A day, as "2026-01-31"."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, **options)

    def clean(self, value: Any) -> str | None:
        day = super().clean(value)
        return day.isoformat() if day is not None else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another day."""
        return bool((initial or None) != (data or None))


class IsoTimeField(forms.TimeField):
    """A time of day, as "17:30:00"."""

    def __init__(self, **options: Any) -> None:
        formats = ["%H:%M", "%H:%M:%S", "%H:%M:%S.%f"]
        super().__init__(input_formats=formats, widget=forms.TimeInput({"type": "time"}), **options)

    def clean(self, value: Any) -> str | None:
        time = super().clean(value)
        return time.isoformat() if time is not None else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another time."""
        before, after = moment("time", initial), moment("time", data)
        return bool((initial or None) != (data or None) and (before is None or before != after))


class ZonedInput(forms.MultiWidget):
    """A local date and time, and the name of the zone in which it is local."""

    use_fieldset = False  # only one of the two is seen

    def __init__(self) -> None:
        at = forms.DateTimeInput({"type": "datetime-local", "data-zoned": True}, TYPED)
        super().__init__({"at": at, "zone": forms.HiddenInput({"data-field-zone": True})})

    def id_for_label(self, id_: str) -> str:
        """What can be typed in."""
        return f"{id_}_0" if id_ else ""

    def decompress(self, value: Any) -> list[str | None]:
        """The moment in the viewer's zone, as far as the server knows it."""
        zone, read = timezone.get_current_timezone_name(), moment("datetime", value)
        if read is None:
            return [None, zone]
        at = timezone.localtime(read).replace(tzinfo=None)
        return [at.isoformat(timespec="seconds" if at.second else "minutes"), zone]


class ZonedField(forms.Field):
    """A moment, as "2026-01-31T17:30:00+01:00"."""

    in_zone = True
    widget = ZonedInput

    def to_python(self, value: Any) -> datetime | None:
        """The moment that was typed in a zone."""
        at, zone = value or (None, None)
        if not at:
            return None
        for form in FORMATS:
            try:
                return datetime.strptime(at, form).replace(tzinfo=_zone(zone))
            except ValueError:
                continue
        raise forms.ValidationError(_("Enter a valid date and time."))

    def clean(self, value: Any) -> Any:
        read = super().clean(value)
        return read.isoformat() if read is not None else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another moment; who cannot type parts of a second has not changed them."""
        before = moment("datetime", initial)
        try:
            after = self.to_python(data)
        except forms.ValidationError:
            return True
        if before is None or after is None:
            return before is not after
        shown = before.replace(microsecond=0)
        return bool(shown != after)


def _zone(name: Any) -> tzinfo:
    if not isinstance(name, str) or name in ("", "UTC") or len(name) > LONGEST_ZONE:
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise forms.ValidationError(_("This time zone is not known here.")) from None
