"""Showing foreign data safely: what a run was given and what its steps produced.

Everything is escaped by the templates; nothing here marks anything as safe.
"""

import json
import re
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

register = template.Library()

DEEPEST = 8  # below that, data is shown as JSON text
MOST_ITEMS = 200
MOST_TEXT = 200_000
FOLDED_LINES = 40
FOLDED_TEXT = 4_000
PREVIEW = 320
# Numbers that name something are never grouped.
NAMING = re.compile(r"(^|[_\s-])(id|ids|no|nr|number|code|year|phone|zip|port|pid)$", re.IGNORECASE)


@register.inclusion_tag("evidence/value.html")
def evidence(value: Any, depth: int = 0, name: str = "") -> dict[str, Any]:
    """One value: a dict as a table, a list as a list, text as paragraphs; nested ones fold."""
    kind = _kind(value, depth)
    shown: dict[str, Any] = {"kind": kind, "depth": depth, "deeper": depth + 1}
    match kind:
        case "mapping":
            items = list(value.items())
            return shown | {"items": items[:MOST_ITEMS], "left_out": max(0, len(items) - MOST_ITEMS)}
        case "list":
            return shown | {"items": value[:MOST_ITEMS], "left_out": max(0, len(value) - MOST_ITEMS)}
        case "text":
            return shown | _text(value)
        case "json":
            return (
                shown
                | {"kind": "text", "is_code": True}
                | _text(json.dumps(value, indent=1, ensure_ascii=False))
            )
        case "number":
            return shown | {"text": number(value, name)}
    return shown | {"value": value}


@register.filter
def label(key: Any) -> str:
    """A key as people read it: `customer_name` becomes "Customer name"."""
    words = str(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number(value: float, name: str) -> str:
    """Digits in groups, every digit kept; numbers that name something are left alone."""
    if NAMING.search(name) or abs(value) < 10_000:
        return str(value)
    return str(intcomma(str(value), use_l10n=False))


def _kind(value: Any, depth: int) -> str:
    match value:
        case None | "" | {} | []:
            return "empty"
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case str():
            return "text"
    if depth >= DEEPEST:
        return "json"
    return "mapping" if isinstance(value, dict) else "list"


def _text(text: str) -> dict[str, Any]:
    folds = len(text) > FOLDED_TEXT or text.count("\n") > FOLDED_LINES
    return {
        "text": text[:MOST_TEXT],
        "left_out": max(0, len(text) - MOST_TEXT),
        "length": len(text),
        "preview": text[:PREVIEW] if folds else "",
        "is_short": len(text) <= 60 and "\n" not in text,
    }
