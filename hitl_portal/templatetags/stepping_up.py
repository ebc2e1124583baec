"""The way to show a second factor, on the card of something that has a high risk."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from hitl_portal.accounts import fresh

register = template.Library()


@register.inclusion_tag("inbox/_step_up.html", takes_context=True)
def step_up_entry(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing where none is asked for, one was shown just now, or the answer itself is signed with a passkey. It opens
    beside the card: what was typed stays."""
    request = context.get("request")
    if request is None or settings.HITL_SIGNED_DECISIONS != "off" or not fresh.is_missing(request):
        return {}
    return {"address": fresh.step_up_url(reverse("accounts:confirmed"))}
