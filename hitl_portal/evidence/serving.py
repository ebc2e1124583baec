"""Serving what a run was given or produced, once it is known that somebody may see it: pages, and bytes behind locks.

Bytes that somebody else made go out so that a browser can do nothing with them but show a picture: the type is the one
that their first bytes have, of a short list; everything else is a download; and no script, frame or form works in any.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from hitl_portal.evidence.attachments import UNKNOWN, Attachment, attachments_in, with_attachments
from hitl_portal.evidence.exhibits import Exhibit
from hitl_portal.middleware import LOCKED, NOTHING
from workflows.models import Requirement, Value


def serve_whole(request: HttpRequest, value: Value, **more: Any) -> HttpResponse:
    """One value, as much of it as a page can hold."""
    shown = {"run": value.run, "exhibit": Exhibit.of_any(value, value.run)}
    return render(request, "evidence/whole.html", shown | more)


def serve_data(value: Value) -> HttpResponse:
    """All of one value as it is kept: JSON, with tags for what JSON cannot say."""
    return _locked(HttpResponse(value.data, content_type="application/json"), f"{value.id}.json")


def serve_media(request: HttpRequest, value: Value, number: int) -> HttpResponse:
    """The bytes of one attachment: a picture or a PDF to be looked at (`?save` to be kept), else a download; or 404."""
    found = _attachment(value, number)
    is_shown = (found.is_image or found.is_pdf) and "save" not in request.GET
    response = HttpResponse(found.data, content_type=found.type if is_shown else UNKNOWN)
    return _locked(response, found.kept_as, is_shown=is_shown, is_pdf=found.is_pdf)


def serve_asked(request: HttpRequest, requirement: Requirement, **more: Any) -> HttpResponse:
    """All arguments of the tool that a requirement is about, or 404."""
    tool = requirement.details.get("tool")
    if not tool:
        raise Http404
    shown = {"run": requirement.run, "requirement": requirement, "args": tool.get("args") or {}}
    return render(request, "evidence/asked.html", shown | more)


def _attachment(value: Value, number: int) -> Attachment:
    try:
        found = list(attachments_in(with_attachments(value.shown())))
    except RecursionError:
        raise Http404 from None
    if number >= len(found):
        raise Http404
    return found[number]


def _locked(
    response: HttpResponse, name: str, *, is_shown: bool = False, is_pdf: bool = False
) -> HttpResponse:
    """The response with every lock that browsers know."""
    response["Content-Disposition"] = content_disposition_header(not is_shown, name) or "attachment"
    # A browser's own viewer of PDF files does not start in a sandbox.
    response["Content-Security-Policy"] = NOTHING if is_shown and is_pdf else LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
