"""A form of described fields: conditions between them, and what a page must know to draw them."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from hitl_portal.fields import words
from hitl_portal.fields.making import field_for
from hitl_portal.fields.words import REQUIRED
from workflows.types import UserInputField
from workflows.types.field_checks import is_empty

if TYPE_CHECKING:
    Files = MultiValueDict[str, UploadedFile[bytes]]
else:
    Files = MultiValueDict

PLAIN = re.compile(r"[\w.-]+", re.ASCII)


class FieldsForm(forms.Form):
    """What people fill in. A field whose condition does not hold is neither required nor in `cleaned_data`."""

    described: list[UserInputField]

    def __init__(self, data: QueryDict | None = None, files: Files | None = None, **options: Any) -> None:
        self.described = []
        super().__init__(data, files, **options | {"bound_field_class": DescribedField})

    def describe(self, fields: Iterable[Mapping[str, Any]]) -> None:
        """Add a field for each description."""
        for about in fields:
            self.fields[about["name"]] = field_for(about)
            self.described.append(UserInputField.of(about))

    def clean(self) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for about in self.described:
            if not about.is_shown(seen):
                self.errors.pop(about.name, None)
                self.cleaned_data.pop(about.name, None)
            elif about.name not in self.errors:
                seen[about.name] = value = self.cleaned_data.get(about.name)
                if about.when and about.required and is_empty(about, value):
                    self.add_error(about.name, forms.ValidationError(REQUIRED, code="required"))
        return self.cleaned_data

    @property
    def wrong(self) -> list[forms.BoundField]:
        """The fields that say what is wrong with them."""
        return [field for field in self if field.errors] if self.is_bound else []


class DescribedField(forms.BoundField):
    """A field as a template draws it. Names are anybody's: an id is made of one only where it can be."""

    @property
    def about(self) -> UserInputField | None:
        """What it was made of; None for a field of our own."""
        return getattr(self.field, "about", None)

    @property
    def auto_id(self) -> str:
        """Its id, and the beginning of those around it."""
        if PLAIN.fullmatch(self.html_name):
            return super().auto_id
        prefix = self.form.prefix or "form"
        return f"id_{prefix}--{list(self.form.fields).index(self.name)}"

    @property
    def anchor(self) -> str:
        """The id of what can be typed in or chosen first."""
        return self.id_for_label or f"{self.auto_id}_0"

    @property
    def hint(self) -> str:
        """What it takes."""
        return words.hint(self.about) if self.about is not None else ""

    @property
    def only_if(self) -> str:
        """When it counts."""
        labels = {name: str(field.label) for name, field in self.form.fields.items()}
        return words.condition(self.about, labels) if self.about is not None else ""

    @property
    def when(self) -> str:
        """The same for a script: names of controls, and the values that they must have."""
        wanted = (self.about.when if self.about is not None else None) or {}
        said = {self.form.add_prefix(name): _texts(value) for name, value in wanted.items()}
        return json.dumps(said) if said else ""

    @property
    def zone(self) -> str:
        """In which zone a moment stands here."""
        value = self.value()
        typed = value[1] if isinstance(value, list) else None
        return str(typed or timezone.get_current_timezone_name()).replace("_", " ")

    @property
    def is_optional(self) -> bool:
        """It may be left empty."""
        return not (self.about.required if self.about is not None else self.field.required)

    @property
    def aria_describedby(self) -> str | None:
        """Everything that is said around it."""
        if self.is_hidden:
            return None
        parts = {
            "helptext": self.help_text,
            "hint": self.hint,
            "only": self.only_if,
            "error": self.errors,
        }
        return " ".join(f"{self.auto_id}_{name}" for name, said in parts.items() if said)

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> dict[str, Any]:
        """Who chooses a person is told whom there is."""
        built = cast("dict[str, Any]", super().build_widget_attrs(attrs, widget))
        if getattr(self.field, "finds_people", False):
            built |= {
                "list": f"{self.auto_id}_people",
                "hx-get": f"{reverse('fields:people')}?of={self.html_name}",
                "hx-trigger": "focus once, input changed delay:200ms",
                "hx-target": f"#{self.auto_id}_people",
                "hx-swap": "innerHTML",
            }
        return built


def written(field: forms.BoundField) -> str:
    """What was typed, as text: of a moment without its zone, of a file its name, of several all of them."""
    value = field.value()
    if getattr(field.field, "in_zone", False):
        return str(value[0] or "") if isinstance(value, list) else str(value or "")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _texts(wanted: Any) -> list[str]:
    return [str(each) for each in (wanted if isinstance(wanted, list | tuple) else [wanted])]
