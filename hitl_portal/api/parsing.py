"""Reads what machines send: JSON that can be kept, and addresses without characters that no database takes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from ninja.parser import Parser

from hitl_portal import strict_json
from hitl_portal.bodies import limited_body
from hitl_portal.problems import Problem, answered

MOST_BYTES = 2 * 1024 * 1024

View = Callable[..., HttpResponseBase]


class KeepableJson(Parser):
    """A body is an object in JSON without NaN, NUL and half characters, not nested beyond reason."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The object. Raises Problem."""
        return read_object(request)


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The object that a body is. Raises Problem: malformed, too-large."""
    body = limited_body(request, MOST_BYTES)
    try:
        found = strict_json.read(body or b"{}")
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON") from None
    if not isinstance(found, dict):
        raise Problem("malformed", "The body must be an object")
    if not strict_json.can_be_kept(found):
        raise Problem("malformed", "The body is nested too deeply, or has characters that are no text")
    return found


def guarded(view: View) -> View:
    """A view of the API that tells as a Problem what is wrong with the request itself, before it looks at it."""

    @wraps(view)
    def guarding(request: HttpRequest, /, *args: Any, **named: Any) -> HttpResponseBase:
        given = [request.path, *request.GET, *(text for each in request.GET.lists() for text in each[1])]
        if any(strict_json.NO_TEXT.search(text) for text in given):
            raise Problem("malformed", "The address has characters that are no text")
        response = view(request, *args, **named)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response.headers["Allow"]
            raise Problem("method-not-allowed", f"Possible here: {allowed}", {"Allow": allowed})
        return response

    return answered(guarding)
