"""One described field (see `workflows.types.UserInputField`) as a field of an HTML form that starts with its value."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hitl_portal.evidence.revealing import revealed
from hitl_portal.fields import several
from hitl_portal.fields.moments import IsoDateField, IsoTimeField, ZonedField
from hitl_portal.fields.people import PersonField
from hitl_portal.fields.several import ListField
from hitl_portal.fields.text import ExactField, JsonField, UnionField, text_area, text_widget
from hitl_portal.fields.uploads import UploadField
from hitl_portal.fields.words import REQUIRED, check
from workflows.types import UserInputField
from workflows.types.field_checks import MOMENTS, fault

Common = dict[str, Any]
Make = Callable[[UserInputField, Common], forms.Field]

# What the browser is told of limits, by the type of its field.
NUMBERS = {"min": "minimum", "max": "maximum", "step": "step"}


def field_for(described: Mapping[str, Any]) -> forms.Field:
    """The form field. `field.about` is what it was made of; `field.of_model`: a model gave its value."""
    about = UserInputField.of(described)
    common = {
        "label": revealed(about.label or about.name.replace("_", " ").capitalize()),
        "help_text": revealed(about.description or ""),
        # A browser would insist on a field that is hidden.
        "required": about.required and not about.when,
        "initial": about.value,
    }
    field = _maker(about)(about, common)
    field.error_messages["required"] = REQUIRED
    if about.placeholder:
        field.widget.attrs["placeholder"] = revealed(about.placeholder)
    vars(field).update(about=about, of_model=bool(described.get("of_model")))
    return field


def _maker(about: UserInputField) -> Make:
    kind = about.field_type
    if kind == "choices":
        return _choices
    if about.allowed_values:
        return lambda about, common: several.choice(about.allowed_values or [], common)
    if about.value is not None and kind != "file" and _is_misfit(about):
        return _data  # what does not fit its type is shown as it is
    if " | " in kind:
        return lambda about, common: UnionField(kinds=about.field_type.split(" | "), **common)
    if kind == "list" and ListField.can_show(about.items, about.value):
        return _list
    return MAKERS.get(kind, _line)


def _is_misfit(about: UserInputField) -> bool:
    found = fault(about, about.value)
    return found is not None and found.code in ("type", "moment", "item")


def _line(about: UserInputField, common: Common) -> forms.Field:
    widget = (
        text_area(str(about.value or ""))
        if about.field_type == "text"
        else text_widget(str(about.value or ""))
    )
    if about.pattern is not None and isinstance(widget, forms.TextInput):
        widget.attrs["pattern"] = about.pattern
    limits = {"minlength": about.min_length, "maxlength": about.max_length}
    widget.attrs |= {name: limit for name, limit in limits.items() if limit is not None}
    return ExactField(widget=widget, validators=[partial(check, about)], **common)


def _number(about: UserInputField, common: Common) -> forms.Field:
    make = forms.IntegerField if about.field_type == "int" else forms.FloatField
    field = make(validators=[partial(check, about)], **common)
    attrs = {name: getattr(about, ours) for name, ours in NUMBERS.items()}
    field.widget.attrs |= {name: value for name, value in attrs.items() if value is not None}
    return field


def _moment(about: UserInputField, common: Common) -> forms.Field:
    makers: dict[str, type[forms.Field]] = {
        "date": IsoDateField,
        "time": IsoTimeField,
        "datetime": ZonedField,
    }
    field = makers[about.field_type](validators=[partial(check, about)], **common)
    if about.field_type != "datetime":  # bounds of a moment would have to move with its zone
        limits = {"min": about.minimum, "max": about.maximum}
        field.widget.attrs |= {name: value for name, value in limits.items() if value is not None}
    return field


def _flag(about: UserInputField, common: Common) -> forms.Field:  # noqa: ARG001  like the others
    return several.choice([True, False], common, names={True: _("Yes"), False: _("No")})


def _choices(about: UserInputField, common: Common) -> forms.Field:
    field = several.choices(about.allowed_values or [], common)
    field.validators.append(partial(_check_length, about))
    return field


def _check_length(about: UserInputField, values: list[str]) -> None:
    by_text = {str(value): value for value in about.allowed_values or ()}
    check(about, [by_text[value] for value in values])


def _list(about: UserInputField, common: Common) -> forms.Field:
    return ListField(items=about.items or "str", **common)


def _data(about: UserInputField, common: Common) -> forms.Field:
    kind = about.field_type if about.field_type in ("list", "dict") else ""
    return JsonField(kind=kind, **common)


def _file(about: UserInputField, common: Common) -> forms.Field:
    return UploadField(about, **common)


def _person(about: UserInputField, common: Common) -> forms.Field:  # noqa: ARG001  like the others
    return PersonField(**common)


MAKERS: dict[str, Make] = {
    "int": _number,
    "float": _number,
    "bool": _flag,
    "list": _data,
    "dict": _data,
    "json": _data,
    "file": _file,
    "user": _person,
    **dict.fromkeys(MOMENTS, _moment),
}
