"""The forms of one's own choices: what is told where and how soon, when it is quiet, which workflows are muted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hitl_portal import access
from hitl_portal.notifications.channels import open_channels
from hitl_portal.notifications.kinds import PAGE, Kind, Mode
from hitl_portal.notifications.models import Address, Choices, Mute
from hitl_portal.notifications.wishes import mode_of, usual_mode
from workflows.models import Workflow

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.forms.boundfield import BoundField

    ModelForm = forms.ModelForm[Choices]
else:
    ModelForm = forms.ModelForm

IN_PAGE = [(Mode.IMMEDIATE.value, gettext_lazy("Shown")), (Mode.OFF.value, Mode.OFF.label)]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind, with a field for each channel."""

    kind: Kind
    fields: "list[tuple[str, BoundField]]"


class ChoicesForm(ModelForm):
    """Everything of a person's choices but their addresses."""

    muted = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Workflows of which you want to hear nothing"),
        queryset=Workflow.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of messages"), choices=[*settings.LANGUAGES], required=False
    )

    class Meta:
        model = Choices
        fields = ("quiet_from", "quiet_until", "urgent_through", "digest_at", "language")
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until", "digest_at")
        }
        labels = {
            "digest_at": gettext_lazy("Daily message at"),
            "urgent_through": gettext_lazy("Let through what is of high risk and would be over by then"),
        }

    def __init__(self, person: "User", choices: Choices, data: Any = None) -> None:
        spoken = choices.language or get_language() or settings.LANGUAGE_CODE
        muted = list(Mute.objects.filter(person=person).values_list("workflow", flat=True))
        super().__init__(data, instance=choices, initial={"language": spoken, "muted": muted})
        self.person = person
        runs = access.visible_runs(person).order_by()
        field = self.fields["muted"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        known = Workflow.objects.filter(pk__in=runs.values("workflow")) | Workflow.objects.filter(
            pk__in=muted
        )
        field.queryset = known.distinct().order_by("title")
        self.columns = [(PAGE, _("In the page")), *self._open_columns()]
        for kind in Kind:
            for channel, _title in self.columns:
                self.fields[f"{kind}-{channel}"] = self._mode(kind, channel)

    def _open_columns(self) -> Iterator[tuple[str, str]]:
        """The channels on which this person can be reached."""
        mine = set(Address.objects.there().filter(person=self.person).values_list("channel", flat=True))
        for channel in open_channels():
            if channel.name in mine if channel.has_addresses else channel.reaches(self.person):
                yield channel.name, str(channel.title)

    def rows(self) -> Iterator[Row]:
        """The matrix."""
        for kind in Kind:
            yield Row(kind=kind, fields=[(title, self[f"{kind}-{name}"]) for name, title in self.columns])

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends, or none."""
        given = super().clean() or {}
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None):
            self.add_error(
                "quiet_until", _("Quiet hours have a beginning and an end; leave both empty for none.")
            )
        return given

    def keep(self) -> None:
        """Save what differs from the usual."""
        given = self.cleaned_data
        kept = self.save(commit=False)
        kept.modes = {**kept.modes, **{kind.value: self._chosen(kind, kept) for kind in Kind}}
        kept.device_zone = timezone.get_current_timezone_name()
        kept.save()
        Mute.objects.filter(person=self.person).exclude(workflow__in=given["muted"]).delete()
        rows = [Mute(person=self.person, workflow=workflow) for workflow in given["muted"]]
        Mute.objects.bulk_create(rows, ignore_conflicts=True)

    def _chosen(self, kind: Kind, kept: Choices) -> dict[str, str]:
        """Of one kind: what was said now, beside what was said of channels that are closed now."""
        said = {name: self.cleaned_data[f"{kind}-{name}"] for name, _title in self.columns}
        usual = {name: usual_mode(kind, name).value for name in said}
        before = {name: mode for name, mode in kept.modes.get(kind, {}).items() if name not in said}
        return before | {name: mode for name, mode in said.items() if mode != usual[name]}

    def _mode(self, kind: Kind, channel: str) -> forms.ChoiceField:
        choices = IN_PAGE if channel == PAGE else Mode.choices
        return forms.ChoiceField(choices=choices, initial=mode_of(self.instance, kind, channel).value)
