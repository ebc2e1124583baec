"""The form of an absence: whole days, as people say them."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import QuerySet

    PersonField = forms.ModelChoiceField[User]
else:
    PersonField = forms.ModelChoiceField

DAY = "%Y-%m-%d"
LONGEST_NOTE = 200


class AbsenceForm(forms.Form):
    """From which day to which somebody is away, both included, and who decides for them."""

    first_day = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}, DAY))
    last_day = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}, DAY))
    deputy = PersonField(
        queryset=User.objects.none(),
        required=False,
        label=_("Who decides meanwhile"),
        empty_label=_("Nobody"),
        help_text=_(
            "They may decide the same things; both names are kept. Where the requester may not decide, neither may"
            " a deputy who asked for the run."
        ),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deputy = self.fields["deputy"]
        assert isinstance(deputy, forms.ModelChoiceField)
        deputy.queryset = possible_deputies(person)
        today = timezone.localdate().strftime(DAY)
        for name in ("first_day", "last_day"):
            self.fields[name].initial = today
            self.fields[name].widget.attrs["min"] = today

    def clean_last_day(self) -> date:
        first: date | None = self.cleaned_data.get("first_day")
        last: date = self.cleaned_data["last_day"]
        if last < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        if first and last < first:
            raise forms.ValidationError(_("This is before the first day."))
        return last

    @property
    def starts_at(self) -> datetime:
        """The first day's midnight; now, where that has passed: nobody was away before they said so."""
        return max(_midnight(self.cleaned_data["first_day"]), timezone.now())

    @property
    def ends_at(self) -> datetime:
        """The midnight after the last day."""
        return _midnight(self.cleaned_data["last_day"] + timedelta(days=1))


def possible_deputies(person: User) -> "QuerySet[User]":
    """Active people who are in a group, as those are who decide; for somebody in no group, nobody's name."""
    people = get_user_model().objects.filter(is_active=True, groups__isnull=False).exclude(pk=person.pk)
    known = person.is_superuser or person.groups.exists()
    return people.distinct().order_by("username") if known else people.none()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
