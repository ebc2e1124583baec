"""The way to show a second factor, on the card of something that has a high risk."""

from typing import Any

from django import template
from django.urls import reverse

from hitl_portal.accounts import codes, fresh
from hitl_portal.inbox import stepping_up

register = template.Library()


@register.inclusion_tag("inbox/_step_up.html", takes_context=True)
def step_up_entry(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing where none is asked for, or one was shown just now. A code is typed beside the answer, for a query; a
    passkey is shown in a tab beside the card, so that what was typed stays."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated or not stepping_up.is_asked(request):
        return {}
    return {
        "address": fresh.step_up_url(reverse("accounts:confirmed")),
        "has_codes": codes.has_any(request.user),
        "name": stepping_up.CODE,
    }
