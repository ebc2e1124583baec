"""What a kind of requirement adds to the form of a decision: fields to fill in, a route, a changed output."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hitl_portal.fields.forms import FieldsForm, Files
from hitl_portal.fields.text import as_json, read_json, text_area
from workflows.models import Requirement
from workflows.types import Action
from workflows.types.field_checks import plain

OPEN_QUESTION = {"name": "answer", "field_type": "str", "required": True}


class Part(FieldsForm):
    """What a kind adds to the decision: by default nothing. `carried_by` are the answers that it belongs to."""

    carried_by: ClassVar[Iterable[Action]] = ()

    def __init__(self, requirement: Requirement, data: QueryDict | None, files: Files | None = None) -> None:
        super().__init__(data, files, prefix="answer")
        self.build(requirement)

    def build(self, requirement: Requirement) -> None:
        """Add the fields that this requirement asks for."""

    def filled(self) -> dict[str, Any]:
        """What it contributes to the Answer, once valid."""
        return {}

    def place_of(self, name: str) -> str | None:
        """The field at which a complaint of the service about `name` is shown."""
        return name if name in self.fields else None


class ValuesPart(Part):
    """The fields of a user input."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:
        self.describe(requirement.details.get("fields") or [OPEN_QUESTION])

    def filled(self) -> dict[str, Any]:
        return {"values": {name: plain(value) for name, value in self.cleaned_data.items()}}


class RoutePart(Part):
    """One or several of the routes."""

    carried_by = (Action.approve,)

    def build(self, requirement: Requirement) -> None:
        details = requirement.details
        choices = [(choice["name"], choice["name"]) for choice in details["choices"]]
        several = bool(details.get("allow_multiple"))
        self.fields["choices"] = (
            forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
            if several
            else forms.ChoiceField(choices=choices, widget=forms.RadioSelect)
        )
        self.fields["choices"].label = _("Choose one or several") if several else _("Choose one")

    def filled(self) -> dict[str, Any]:
        chosen = self.cleaned_data["choices"]
        return {"choices": (chosen,) if isinstance(chosen, str) else tuple(chosen)}


class ContentPart(Part):
    """The reviewed output, to be changed in place: text as text, data as JSON."""

    carried_by = (Action.edit,)

    def build(self, requirement: Requirement) -> None:
        content = content_of(requirement)
        self.is_text = isinstance(content, str)
        shown = content if self.is_text else as_json(content)
        self.fields["content"] = forms.CharField(
            label=_("Your version") if self.is_text else _("Your version, as JSON"),
            initial=shown,
            strip=False,
            widget=text_area(shown),
        )

    def clean_content(self) -> Any:
        text = self.cleaned_data["content"].replace("\r\n", "\n")
        return text if self.is_text else read_json(text)

    def filled(self) -> dict[str, Any]:
        return {"content": self.cleaned_data["content"]}


def content_of(requirement: Requirement) -> Any:
    """The content of the output under review; an empty text when there is none."""
    shown = requirement.evidence.plain() if requirement.evidence else None
    content = shown.get("content") if isinstance(shown, dict) else shown
    return "" if content is None else content
