"""Showing: data, and links to other rows, on the pages of Django admin."""

import json
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def pretty(data: Any) -> SafeString:
    """Data as JSON."""
    return format_html("<pre>{}</pre>", json.dumps(data, indent=2, ensure_ascii=False))


def link_to(model: type[Model], lookups: dict[str, Any]) -> SafeString:
    """A link to the list of a model's rows with these lookups."""
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(lookups), options.verbose_name_plural)


def portal_address(name: str, row: Model) -> str | None:
    """Where the portal shows it; admin also works where there is no portal."""
    try:
        return reverse(name, args=[row.pk])
    except NoReverseMatch:
        return None
