"""Text as it was typed, and data written as JSON. What is left as it was shown counts as unchanged."""

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hitl_portal.fields.words import check
from workflows import services
from workflows.errors import UnkeepableInput
from workflows.types import UserInputField

TALLEST = 24
LONG = 80
KINDS = {"list": list, "dict": dict}
WRONG_KIND = {
    "list": _("This must be a list, in brackets."),
    "dict": _("This must be an object, in braces."),
}
MEMBERS: dict[str, type | tuple[type, ...]] = {
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
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


class ReadField(ExactField):
    """Text that is read as something else, which is then checked against `about`, where there is one."""

    about: UserInputField | None = None
    empty: Any = None

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        data = self.read(text) if text.strip() else self.empty
        if self.about is not None and data != self.empty:
            check(self.about, data)
        return data

    def read(self, text: str) -> Any:
        """What a text that is not empty says. Raises ValidationError."""
        return text


class JsonField(ReadField):
    """Data, written as JSON. `kind` says which: "list", "dict", or anything."""

    def __init__(self, *, kind: str = "", initial: Any = None, **options: Any) -> None:
        shown = "" if initial is None else as_json(initial)
        super().__init__(initial=shown, widget=text_area(shown, code=True), **options)
        self.kind = kind

    def read(self, text: str) -> Any:
        """The data."""
        data = read_json(text)
        if self.kind in KINDS and not isinstance(data, KINDS[self.kind]):
            raise forms.ValidationError(WRONG_KIND[self.kind])
        return data


class UnionField(ReadField):
    """One of several types: what reads as another than text is that, everything else is text where that is allowed."""

    def __init__(self, *, kinds: list[str], initial: Any = None, **options: Any) -> None:
        shown = initial if isinstance(initial, str) else "" if initial is None else as_json(initial)
        is_tall = {"list", "dict"} & set(kinds) or "\n" in shown or len(shown) > LONG
        super().__init__(initial=shown, widget=text_area(shown) if is_tall else forms.TextInput(), **options)
        self.kinds = kinds

    def read(self, text: str) -> Any:
        """What reads as a number, a list and so on is that."""
        try:
            data = read_json(text)
        except forms.ValidationError:
            data = text
        if not isinstance(data, str) and any(_is_a(kind, data) for kind in self.kinds):
            return data
        if "str" not in self.kinds:
            raise forms.ValidationError(_("This is not what is asked for here."))
        return text


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


def text_area(shown: str, least: int = 4, *, code: bool = False) -> forms.Textarea:
    """A field of several lines, as tall as what it starts with."""
    attrs: dict[str, Any] = {"rows": min(TALLEST, max(least, shown.count("\n") + 2))}
    return forms.Textarea(attrs=attrs | ({"spellcheck": "false", "class": "code"} if code else {}))


def text_widget(default: str) -> forms.Widget:
    """One line, or several where the default needs them."""
    tall = len(default) > LONG or NO_LINE_TAKES.search(default)
    return text_area(default) if tall else forms.TextInput()


def _is_a(kind: str, data: Any) -> bool:
    if isinstance(data, bool):
        return kind == "bool"
    return kind in MEMBERS and isinstance(data, MEMBERS[kind])


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
