"""Showing what changed between two things: `{% difference before after %}`.

Everything is escaped by the template, and hidden characters are revealed there; nothing here marks anything as safe.
"""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hitl_portal.differences import Change, Difference, Kind, Row, Span
from hitl_portal.differences import difference as compared

register = template.Library()

FATES = ("changed", "added", "removed")


@register.inclusion_tag("differences/difference.html")
def difference(before: Any, after: Any, name: str = "") -> dict[str, Any]:
    """What makes `after` of `before`; `name` is one that no other difference on the page has."""
    return in_words(compared(before, after), name)


@register.inclusion_tag("differences/difference.html")
def found_difference(found: Difference, name: str = "") -> dict[str, Any]:
    """A difference that was found before."""
    return in_words(found, name)


def in_words(found: Difference, name: str) -> dict[str, Any]:
    """What the template needs."""
    return {"found": found, "summary": summary(found), "name": name or "difference"}


def summary(found: Difference) -> str:
    """How much changed, in one line; empty where the page says so in other words."""
    is_text = found.kind == Kind.TEXT
    said = _words(found) if is_text else [_changes(found.changes, fate) for fate in FATES]
    listed = ", ".join(part for part in said if part)
    return _("%(listed)s, and more") % {"listed": listed} if found.is_cut and listed else listed


def _words(found: Difference) -> list[str]:
    into = ngettext("%(number)d word added", "%(number)d words added", found.words_in)
    out = ngettext("%(number)d word removed", "%(number)d words removed", found.words_out)
    said = [
        text % {"number": number}
        for text, number in ((into, found.words_in), (out, found.words_out))
        if number
    ]
    return said or [_("Only spaces, lines or punctuation changed")]


def _changes(changes: tuple[Change, ...], fate: str) -> str:
    number = sum(1 for change in changes if (change.fate if change.fate in FATES else "changed") == fate)
    texts = {
        "changed": ngettext("%(number)d change", "%(number)d changes", number),
        "added": ngettext("%(number)d addition", "%(number)d additions", number),
        "removed": ngettext("%(number)d removal", "%(number)d removals", number),
    }
    return texts[fate] % {"number": number} if number else ""


@register.filter
def visible(span: Span) -> str:
    """The text of a piece; where it is nothing but spaces and line ends that came or went, signs for them."""
    if span.mark in ("same", "fold") or span.text.strip():
        return span.text
    return span.text.replace(" ", "␣").replace("\t", "⇥").replace("\n", "↵\n") or "↵"


@register.filter
def is_short(value: Any) -> bool:
    """It fits between other words."""
    return not isinstance(value, dict | list) and len(str(value)) < 80 and "\n" not in str(value)


@register.filter
def is_whole(row: Row) -> bool:
    """All of it came or went."""
    return row.mark in ("out", "in")
