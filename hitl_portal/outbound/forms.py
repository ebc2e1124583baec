"""The form of an endpoint."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hitl_portal.outbound.models import Endpoint, EventType

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Endpoint]
else:
    ModelForm = forms.ModelForm


def event_choices() -> list[tuple[str, str]]:
    """Each event in words, in the viewer's language, and as the message calls it."""
    return [(name, format_html("{} <code>{}</code>", label, name)) for name, label in EventType.choices]


class EndpointForm(ModelForm):
    """Where to, what of, and of which workflows."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=event_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "events", "workflows"]
        labels = {"name": _("Name"), "url": _("Address"), "workflows": _("Workflows")}
        widgets = {
            "url": forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
            "workflows": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields["events"].initial = list(EventType.values)
