"""Later: when somebody may want to see an item again, in their own time: tonight, tomorrow morning, next Monday."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EVENING, MORNING = time(18), time(8)
TOO_LATE_FOR_TONIGHT = time(17)
MONDAY, WEEK = 0, 7
PICKED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment that is offered. `name` is what its button sends: it is counted anew when it is pressed."""

    name: str
    label: Any
    at: datetime


def moments(now: datetime) -> list[Moment]:
    """What is offered at this time, in the zone of the pages."""
    here = timezone.localtime(now)
    found = [Moment(name="hour", label=_("In an hour"), at=now + timedelta(hours=1))]
    if here.time() < TOO_LATE_FOR_TONIGHT:
        found.append(Moment(name="tonight", label=_("Tonight"), at=_on(here, 0, EVENING)))
    found.append(Moment(name="tomorrow", label=_("Tomorrow morning"), at=_on(here, 1, MORNING)))
    days = (MONDAY - here.weekday()) % WEEK or WEEK
    if days > 1:
        found.append(Moment(name="monday", label=_("Next Monday"), at=_on(here, days, MORNING)))
    return found


def _on(here: datetime, days: int, at: time) -> datetime:
    """That time of a day to come: as the clocks there will show it, whatever is done to them until then."""
    return datetime.combine(here.date() + timedelta(days=days), at, tzinfo=here.tzinfo)


class PickForm(forms.Form):
    """A moment of one's own choice, in the zone of the pages."""

    until = forms.DateTimeField(input_formats=[PICKED, f"{PICKED}:%S"])

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        if until <= timezone.now():
            raise ValidationError(_("That moment has passed."))
        return until
