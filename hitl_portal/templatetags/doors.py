"""Ways in that only some installations have: single sign-on, and a new password by mail."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("accounts/_single_sign_on.html", takes_context=True)
def single_sign_on_entry(context: dict[str, Any]) -> dict[str, str]:
    """The button that leads to whoever knows the people here; it keeps where they wanted to go."""
    if not settings.HITL_OIDC_ISSUER:
        return {}
    address = reverse("openid_connect_login", kwargs={"provider_id": settings.OIDC_ID})
    way_on = context.get("redirect_field_value")
    query = f"?{urlencode({'next': way_on})}" if way_on else ""
    return {"name": settings.HITL_OIDC_NAME, "address": address + query}


@register.simple_tag
def sends_mail() -> bool:
    """Whether a link to a new password can be sent."""
    return bool(settings.EMAIL_HOST)
