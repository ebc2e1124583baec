"""The forms of webhook sources: what one is, a payload to try it on, and its secrets."""

import json
from base64 import b64decode
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.fields.text import read_json, text_area
from hitl_portal.hooks.models import Signs, WebhookSource

if TYPE_CHECKING:
    SourceModelForm = forms.ModelForm[WebhookSource]
else:
    SourceModelForm = forms.ModelForm

SHORTEST, LONGEST = 16, 500
STANDARD_BYTES = range(24, 65)
LONGEST_PAYLOAD = 256 * 1024
ENDS: dict[str, timedelta | None] = {"never": None, "day": timedelta(days=1), "now": timedelta()}


class MappingField(forms.JSONField):
    """JSON in lines, as it is read best."""

    widget = text_area("", least=6, code=True)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it was."""
        if isinstance(value, str) or value is None:
            return super().prepare_value(value) if isinstance(value, str) and value else ""
        return json.dumps(value, indent=2, ensure_ascii=False)


class SourceForm(SourceModelForm):
    """A source, without its secrets; `payload` is for trying, and never kept."""

    payload = forms.CharField(
        required=False,
        max_length=LONGEST_PAYLOAD,
        label=_("A payload to try"),
        help_text=_("JSON as the other program posts it. Nothing is started, and nothing of it is kept."),
        widget=text_area("", least=6, code=True),
    )

    class Meta:
        model = WebhookSource
        fields = [
            "name",
            "signs",
            "workflow",
            "others",
            "naming",
            "mapping",
            "max_bytes",
            "per_minute",
            "enabled",
        ]
        field_classes = {"mapping": MappingField}
        widgets = {
            "others": forms.CheckboxSelectMultiple,
            "naming": forms.TextInput({"class": "code", "spellcheck": "false", "placeholder": "$.kind"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workflow = self.fields["workflow"]
        assert isinstance(workflow, forms.ModelChoiceField)
        workflow.empty_label = None
        self.fields["signs"].help_text = _(
            "Whose form of signature its posts carry. It cannot be changed later."
        )
        if not self.instance._state.adding:
            # Secrets of one kind are none of another, and what was posted is read by the kind.
            self.fields["signs"].disabled = True

    def clean_payload(self) -> Any:
        text = self.cleaned_data["payload"]
        return read_json(text) if text.strip() else None

    @property
    def has_payload(self) -> bool:
        """Whether there is something to try."""
        return bool((self.data.get("payload") or "").strip())


class SecretForm(forms.Form):
    """One more secret: made here, or given by the other side; and until when the others sign."""

    text = forms.CharField(
        required=False,
        max_length=LONGEST,
        label=_("Secret"),
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    others = forms.ChoiceField(
        label=_("The secrets of before"),
        choices=[
            ("day", _("Sign for one more day")),
            ("now", _("End now")),
            ("never", _("Stay until you end them")),
        ],
        initial="day",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, source: WebhookSource, has_secrets: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        text = self.fields["text"]
        text.required = source.scheme.new_secret is None
        text.help_text = (
            _("As the other side shows it.")
            if text.required
            else _(
                "Leave this empty, and one is made: then it is shown once, to be entered on the other side."
            )
        )
        if not has_secrets:
            self.fields["others"].widget = forms.HiddenInput()

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if text and self.source.signs == Signs.STANDARD:
            _check_standard(text)
        elif text and len(text) < SHORTEST:
            raise forms.ValidationError(_("This is too short for a secret."))
        return text

    @property
    def others_end(self) -> datetime | None:
        """Until when the others sign; None: as before."""
        wait = ENDS[self.cleaned_data["others"]]
        return None if wait is None else timezone.now() + wait


def _check_standard(text: str) -> None:
    encoded = text.removeprefix("whsec_")
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) not in STANDARD_BYTES:
        raise forms.ValidationError(
            _("A secret of Standard Webhooks is whsec_ and 24 to 64 bytes in base64.")
        )
