"""What pages say of a field: what it takes, and what is wrong with a value."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from workflows.types import UserInputField
from workflows.types.field_checks import Fault, fault, has_items, largest_of, plain

Words = str | Promise

SAYINGS: dict[str, Words] = {
    "type": gettext_lazy("This is not what is asked for here."),
    "moment": gettext_lazy("Write it like this: %(example)s."),
    "item": gettext_lazy("Line %(number)d is not what is asked for here: %(got)s."),
    "allowed": gettext_lazy("“%(value)s” is none of the choices."),
    "minimum": gettext_lazy("This must be %(limit)s or more."),
    "maximum": gettext_lazy("This must be %(limit)s or less."),
    "above": gettext_lazy("This must be more than %(limit)s."),
    "below": gettext_lazy("This must be less than %(limit)s."),
    "step": gettext_lazy("This must go in steps of %(step)s from %(start)s."),
    "short_text": gettext_lazy("This is too short: %(limit)d characters at least."),
    "long_text": gettext_lazy("This is too long: %(limit)d characters at most."),
    "short_items": gettext_lazy("These are too few: %(limit)d at least."),
    "long_items": gettext_lazy("These are too many: %(limit)d at most."),
    "pattern": gettext_lazy("This does not have the form that is asked for."),
    "file": gettext_lazy("This file cannot be read."),
    "accept": gettext_lazy("Only these files are taken: %(accept)s."),
}
MOMENTS: dict[str, Words] = {
    "minimum": gettext_lazy("This must be %(limit)s or later."),
    "maximum": gettext_lazy("This must be %(limit)s or earlier."),
    "above": gettext_lazy("This must be later than %(limit)s."),
    "below": gettext_lazy("This must be earlier than %(limit)s."),
}
REQUIRED = gettext_lazy("This must be filled in.")


def check(field: UserInputField, value: Any) -> None:
    """Refuse a value that does not fit the field, in the words of pages. Raises ValidationError."""
    found = fault(field, plain(value))
    if found is not None:
        raise forms.ValidationError(_said(field, found), code=found.code)


def hint(field: UserInputField) -> str:
    """What it takes, in one line; empty where it takes anything."""
    return " ".join(_hints(field))


def condition(field: UserInputField, labels: dict[str, str]) -> str:
    """When it counts; empty where it always does."""
    parts = [
        _("%(field)s is %(values)s") % {"field": labels.get(name, name), "values": _listed(wanted)}
        for name, wanted in (field.when or {}).items()
    ]
    return _("Only if %(conditions)s.") % {"conditions": _(" and ").join(parts)} if parts else ""


def _listed(wanted: Any) -> str:
    options = wanted if isinstance(wanted, list | tuple) else [wanted]
    names = {True: _("Yes"), False: _("No")}
    said = [names[option] if isinstance(option, bool) else str(option) for option in options]
    return _(" or ").join(f"“{option}”" for option in said)


def _hints(field: UserInputField) -> Iterator[str]:
    yield from _bound_hints(field)
    if field.step and field.step != 1:
        yield _("In steps of %(step)s.") % {"step": field.step}
    yield from _length_hints(field)
    if field.field_type == "file":
        yield _("At most %(size)s.") % {"size": filesizeformat(largest_of(field))}
        if field.accept:
            yield _("Only %(accept)s.") % {"accept": ", ".join(field.accept)}


def _bound_hints(field: UserInputField) -> Iterator[str]:
    low, high, numbers = field.minimum, field.maximum, _is_number(field)
    if low is not None and high is not None:
        yield _("From %(low)s to %(high)s.") % {"low": low, "high": high}
    elif low is not None:
        yield (_("%(low)s or more.") if numbers else _("Not before %(low)s.")) % {"low": low}
    elif high is not None:
        yield (_("%(high)s or less.") if numbers else _("Not after %(high)s.")) % {"high": high}
    if field.above is not None:
        yield _("More than %(limit)s.") % {"limit": field.above}
    if field.below is not None:
        yield _("Less than %(limit)s.") % {"limit": field.below}


def _length_hints(field: UserInputField) -> Iterator[str]:
    if field.field_type == "list" and has_items(field):
        yield _("One per line.")
    several = has_items(field) or field.field_type == "list"
    if field.min_length:
        what = several and ngettext("At least %(n)d.", "At least %(n)d.", field.min_length)
        text = ngettext("At least %(n)d character.", "At least %(n)d characters.", field.min_length)
        yield (what or text) % {"n": field.min_length}
    if field.max_length is not None:
        what = several and ngettext("At most %(n)d.", "At most %(n)d.", field.max_length)
        text = ngettext("At most %(n)d character.", "At most %(n)d characters.", field.max_length)
        yield (what or text) % {"n": field.max_length}


def _said(field: UserInputField, found: Fault) -> str:
    if found.code == "large":
        size = filesizeformat(found.names["limit"])
        return _("The file is too large: %(size)s at most.") % {"size": size}
    if found.code == "pattern" and field.placeholder:
        return _("Write it like this: %(example)s.") % {"example": field.placeholder}
    sayings = SAYINGS if _is_number(field) else SAYINGS | MOMENTS
    return str(sayings[found.code]) % found.names


def _is_number(field: UserInputField) -> bool:
    return field.field_type not in ("date", "time", "datetime")
