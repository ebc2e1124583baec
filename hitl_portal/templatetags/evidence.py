"""Showing foreign data safely: what a run was given and what its steps produced, and whose words it is.

Everything is escaped by the templates; what is HTML already comes from the sanitiser in `hitl_portal.evidence.prose`.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse

from hitl_portal.evidence import revealing
from hitl_portal.evidence.exhibits import Exhibit
from hitl_portal.evidence.shapes import Budget, label_of, shape_of
from hitl_portal.evidence.voices import LABELS, Voice

register = template.Library()

ONE_LINE = 120
BY_LINK = "link_token"  # in the context of pages behind an answer link


@register.inclusion_tag("evidence/value.html")
def evidence(value: Any, depth: int = 0, name: str = "", whole: str = "") -> dict[str, Any]:
    """One value: a dict as a table, a list as a list, text as paragraphs; nested ones fold, endless ones are cut.

    `whole` is the address of a page with more of it.
    """
    return {"shape": shape_of(value, Budget(), depth=depth, name=name), "whole": whole}


@register.inclusion_tag("evidence/value.html")
def whole_evidence(value: Any) -> dict[str, Any]:
    """The same with room for much more of it: for a page on which there is nothing else."""
    return {"shape": shape_of(value, Budget.of_a_page())}


@register.simple_tag(takes_context=True)
def address_of(context: template.Context, name: str, *args: Any) -> str:
    """Where more of a value is: behind its answer link for who came by one."""
    token = context.get(BY_LINK)
    return reverse(f"links:{name}", args=[token, *args]) if token else reverse(f"evidence:{name}", args=args)


@register.inclusion_tag("evidence/exhibit.html", takes_context=True)
def exhibit(context: template.Context, shown: Exhibit, size: str = "") -> dict[str, Any]:
    """A value of a run in the frame of its voice, with its media. `size` is "page" where there is nothing else."""
    budget = Budget.of_a_page() if size == "page" else Budget()
    return {
        "exhibit": shown,
        "error": shape_of(shown.error, budget),
        "shapes": [shape_of(part, budget) for part in shown.parts],
        "whole": "" if size == "page" else address_of(context, "whole", shown.id),
        "data": address_of(context, "data", shown.id),
        "value": shown.id,
        BY_LINK: context.get(BY_LINK),
    }


@register.inclusion_tag("evidence/voice.html")
def voice(whose: str) -> dict[str, Any]:
    """The label at the head of a zone: whose words stand in it."""
    return {"voice": Voice(whose), "label": LABELS[Voice(whose)]}


@register.filter
def revealed(text: Any) -> str:
    """Text in which what is hidden stands as its code points."""
    return revealing.revealed(text)


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
    parts = [f"{name}: {item if isinstance(item, str) else json.dumps(item)}" for name, item in args.items()]
    line = " ".join(", ".join(part[: ONE_LINE * 2] for part in parts[:ONE_LINE]).split())
    return revealing.revealed(line if len(line) <= ONE_LINE else line[: ONE_LINE - 1] + "…")


@register.filter
def label(key: Any) -> str:
    """A key as people read it: `customer_name` becomes "Customer name"."""
    return label_of(key)
