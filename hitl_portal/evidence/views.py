"""What a run was given or produced, for who is signed in: on a page of its own, as a download, and its media."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hitl_portal import access
from hitl_portal.evidence.serving import serve_asked, serve_data, serve_media, serve_whole
from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_safe
@page
def whole(request: "PageRequest", value_id: UUID) -> HttpResponse:
    """One value, as much of it as a page can hold."""
    return serve_whole(request, access.visible_value(request.user, value_id))


@require_safe
@page
def data(request: "PageRequest", value_id: UUID) -> HttpResponse:
    """All of one value as it is kept."""
    return serve_data(access.visible_value(request.user, value_id))


@require_safe
@page
def media(request: "PageRequest", value_id: UUID, number: int) -> HttpResponse:
    """The bytes of one attachment."""
    return serve_media(request, access.visible_value(request.user, value_id), number)


@require_safe
@page
def asked(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """All arguments of the tool that a requirement is about."""
    requirement = get_object_or_404(access.visible_requirements(request.user), id=requirement_id)
    return serve_asked(request, requirement)
