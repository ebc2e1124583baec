"""Showing foreign data safely: what a run was given and what its steps produced.

Everything is escaped by the templates; nothing here marks anything as safe.
"""

import json
import re
from collections.abc import Mapping
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
SHORT = 60
ONE_LINE = 120
WORD = 20
FEW_WORDS = 12
MOST_COLUMNS = 6
# Controls, zero-width spaces, bidi overrides and isolates, tags; not the joiners that scripts are written with.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
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
        case "table":
            return shown | {"columns": list(value[0]), "rows": [list(row.items()) for row in value]}
        case "line":
            return shown | {"text": revealed(", ".join(value))}
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
def revealed(text: Any) -> str:
    """Text in which characters that nobody sees, or that turn others around, stand as their code points."""
    return HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", str(text))


@register.filter
def at(found: Mapping[Any, Any], key: Any) -> Any:
    """What stands under a key; None where nothing does."""
    return found.get(key)


@register.filter
def is_list(value: Any) -> bool:
    """Several, rather than one."""
    return isinstance(value, list)


@register.filter
def in_line(args: Mapping[str, Any]) -> str:
    """Arguments in one short line, to be recognised by; never all that there is to see."""
    parts = [
        f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in args.items()
    ]
    text = revealed(" ".join(", ".join(parts).split()))
    return text if len(text) <= ONE_LINE else text[: ONE_LINE - 1] + "…"


@register.filter
def label(key: Any) -> str:
    """A key as people read it: `customer_name` becomes "Customer name"."""
    words = revealed(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number(value: float, name: str) -> str:
    """Digits in groups, every digit kept; numbers that name something are left alone."""
    if NAMING.search(name) or abs(value) < 10_000:
        return str(value)
    return str(intcomma(str(value), use_l10n=False))


def _kind(value: Any, depth: int) -> str:
    if value in (None, "", {}, []):
        return "empty"
    match value:
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case str():
            return "text"
    if depth >= DEEPEST:
        return "json"
    return "mapping" if isinstance(value, dict) else _list_kind(value)


def _list_kind(items: list[Any]) -> str:
    """Short words are one line, rows of the same shape are a table."""
    if all(isinstance(item, str) and len(item) <= WORD for item in items) and len(items) <= FEW_WORDS:
        return "line"
    first = items[0]
    is_table = isinstance(first, dict) and 0 < len(first) <= MOST_COLUMNS and len(items) <= MOST_ITEMS
    return "table" if is_table and all(_fits_row(item, list(first)) for item in items) else "list"


def _fits_row(item: Any, columns: list[str]) -> bool:
    return (
        isinstance(item, dict)
        and list(item) == columns
        and all(not isinstance(cell, dict | list) and len(str(cell)) <= SHORT for cell in item.values())
    )


def _text(text: str) -> dict[str, Any]:
    text = revealed(text)
    folds = len(text) > FOLDED_TEXT or text.count("\n") > FOLDED_LINES
    return {
        "text": text[:MOST_TEXT],
        "left_out": max(0, len(text) - MOST_TEXT),
        "length": len(text),
        "preview": text[:PREVIEW] if folds else "",
        "is_short": len(text) <= SHORT and "\n" not in text,
    }
