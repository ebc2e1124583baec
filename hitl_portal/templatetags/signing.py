"""That an answer is signed with a passkey, on the card of what asks for that."""

from typing import Any

from django import template
from django.conf import settings

from workflows import policy
from workflows.models import Requirement
from workflows.types import Action, Answer

register = template.Library()


@register.inclusion_tag("inbox/_signing.html")
def signing_entry(requirement: Requirement) -> dict[str, Any]:
    """Nothing where no answer to it needs a signature. Costs no query."""
    is_asked = policy.needs_signature(requirement, Answer(action=Action.approve))
    return {"requirement": requirement, "is_asked": is_asked, "all": settings.HITL_SIGNED_DECISIONS == "all"}
