"""Who else looks at a requirement, for a card that is open."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.live.models import Presence
from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_safe
@page
def others(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Each once, however many pages they have open; those who write first say so."""
    requirement = get_object_or_404(access.visible_requirements(request.user), id=requirement_id)
    found: dict[int, Presence] = {}
    for presence in Presence.objects.others(requirement.id, request.user, timezone.now()):
        found.setdefault(presence.person_id, presence)
    writing = [presence for presence in found.values() if presence.is_writing]
    return render(request, "live/_others.html", {"others": found.values(), "writing": writing})
