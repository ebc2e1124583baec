"""One described field (name, type, description, value, required, allowed_values) as a field of an HTML form.

What a person leaves as it was shown counts as unchanged, whatever a browser makes of its line ends.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import services
from workflows.errors import UnkeepableInput

FEW = 4  # so many choices are shown as buttons, more as a list
LONG = 80
TALLEST = 24
KINDS = {"list": list, "dict": dict}
WRONG_KIND = {
    "list": _("This must be a list, in brackets."),
    "dict": _("This must be an object, in braces."),
}
NO_LINE_TAKES = re.compile(r"[\x00-\x1f\x7f]")


class ExactField(forms.CharField):
    """Text with every space and line that was typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> Any:
        """Browsers end each line with two characters."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is not what was shown."""
        return bool(self.to_python(initial) != self.to_python(data))


class JsonField(ExactField):
    """Data, written as JSON. `kind` says which: "list", "dict", or anything."""

    def __init__(self, *, kind: str = "", initial: Any = None, **options: Any) -> None:
        shown = "" if initial is None else as_json(initial)
        super().__init__(initial=shown, widget=text_area(shown), **options)
        self.kind = kind

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text.strip():
            return None
        data = read_json(text)
        if self.kind in KINDS and not isinstance(data, KINDS[self.kind]):
            raise forms.ValidationError(WRONG_KIND[self.kind])
        return data


def field_for(described: Mapping[str, Any]) -> forms.Field:
    """The form field, which starts with its value. `field.of_model`: a model gave that."""
    field = _field_for(described)
    vars(field)["of_model"] = bool(described.get("of_model"))
    return field


def as_json(data: Any) -> str:
    """Data as people edit it."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def read_json(text: str) -> Any:
    """What was written as JSON, if it can be kept. Raises ValidationError."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
        services.kept_input(data)
    except (ValueError, RecursionError, UnkeepableInput) as wrong:
        raise forms.ValidationError(_("This is not JSON: %(wrong)s"), params={"wrong": wrong}) from None
    return data


def text_area(shown: str, least: int = 4) -> forms.Textarea:
    """A field of several lines, as tall as what it starts with."""
    return forms.Textarea(attrs={"rows": min(TALLEST, max(least, shown.count("\n") + 2))})


def _field_for(described: Mapping[str, Any]) -> forms.Field:
    common = {
        "label": described["name"].replace("_", " ").capitalize(),
        "help_text": described.get("description") or "",
        "required": described.get("required", True),
        "initial": described.get("value"),
    }
    if described.get("allowed_values"):
        return _choice(described["allowed_values"], common)
    kind = str(described.get("field_type") or "str")
    match kind:
        case "bool":
            return _choice([True, False], common, names={True: _("Yes"), False: _("No")})
        case "int":
            return forms.IntegerField(**common)
        case "float":
            return forms.FloatField(**common)
        case "list" | "dict":
            return JsonField(kind=kind, **common)
        case _:
            return ExactField(**common, widget=_text_widget(str(described.get("value") or "")))


def _choice(
    allowed: list[Any], common: dict[str, Any], names: Mapping[Any, Any] | None = None
) -> forms.Field:
    by_text = {str(value): value for value in allowed}
    choices: list[tuple[str, Any]] = [(str(value), (names or {}).get(value, str(value))) for value in allowed]
    few = len(choices) <= FEW
    if not few or not common["required"]:
        choices.insert(0, ("", _("No answer") if few else "—"))
    return forms.TypedChoiceField(
        choices=choices,
        coerce=lambda value: by_text[str(value)],
        empty_value=None,
        widget=forms.RadioSelect if few else forms.Select,
        **common,
    )


def _text_widget(default: str) -> forms.Widget:
    return text_area(default) if len(default) > LONG or NO_LINE_TAKES.search(default) else forms.TextInput()


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
