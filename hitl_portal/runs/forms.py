"""The form that starts a run."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import services
from workflows.errors import UnkeepableInput
from workflows.models import Workflow


class StartForm(forms.Form):
    """Which workflow, and its input: JSON where it looks like JSON, else plain text, else nothing."""

    workflow = forms.ModelChoiceField(
        Workflow.objects.filter(enabled=True), to_field_name="name", label=_("Workflow"), empty_label=None
    )
    input = forms.CharField(
        required=False,
        label=_("Input"),
        help_text=_("Text, or JSON: what begins with a brace or bracket is read as JSON."),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )

    def clean_input(self) -> Any:
        text = self.cleaned_data["input"]
        if not text.startswith(("{", "[")):
            return text or None
        try:
            data = json.loads(text, parse_constant=_refuse_constant)
            services.kept_input(data)
        except (ValueError, RecursionError, UnkeepableInput) as wrong:
            raise forms.ValidationError(_("This is not JSON: %(wrong)s"), params={"wrong": wrong}) from None
        return data


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
