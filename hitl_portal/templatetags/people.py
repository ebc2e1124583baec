"""What pages say of people: when an absence ends, and, to admins, how much nobody can decide."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser, User

from hitl_portal.people import tallied
from workflows import policy
from workflows.models import Delegation

register = template.Library()


@register.filter
def last_moment(absence: Delegation) -> datetime:
    """Just before it ends: of whole days, on the last of them."""
    return absence.ends_at - timedelta(microseconds=1)


@register.filter
def administrates(person: User | AnonymousUser) -> bool:
    """Whether the pages of admins are theirs; no query, where their groups are known."""
    return isinstance(person, User) and policy.is_admin(person)


@register.simple_tag
def coverage_number() -> str:
    """How much nobody can decide, in brackets; nothing where there is nothing, or it was not counted lately."""
    count = tallied.known()
    return f" ({count})" if count else ""


@register.inclusion_tag("parts/coverage_entry.html", takes_context=True)
def coverage_entry(context: template.Context, person: User | AnonymousUser) -> dict[str, Any]:
    """Nothing for others. Costs no query: a number that is not known yet the page fetches later."""
    is_admin = administrates(person)
    return {
        "is_admin": is_admin,
        "count": tallied.known() if is_admin else None,
        "request": context.get("request"),
    }
