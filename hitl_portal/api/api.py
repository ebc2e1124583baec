"""The API itself: what it consists of, and how everything that goes wrong is told (RFC 9457)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from hitl_portal.api.approvals import router as approvals
from hitl_portal.api.auth import WAYS_IN
from hitl_portal.api.runs import router as runs
from hitl_portal.problems import Problem


class PortalApi(NinjaAPI):
    """Answers are nobody's to keep."""

    def create_response(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """An answer, not to be cached."""
        response = super().create_response(request, *args, **named)
        response["Cache-Control"] = "no-store"
        return response


# No page of documentation: the ones that Ninja brings load scripts from elsewhere.
api = PortalApi(
    title="HITL Portal",
    version="1",
    description="Runs that wait for people, and the answers to what they wait for.",
    docs_url=None,
    urls_namespace="api",
    auth=WAYS_IN,
)
api.add_router("", runs, tags=["runs"])
api.add_router("/approvals", approvals, tags=["approvals"])


@api.exception_handler(Problem)
def problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """What a view refuses."""
    del request
    return problem.response()


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Nobody is known to call."""
    del request, error
    return Problem("not-signed-in", "Sign in to the portal first").response()


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """It does not exist, or is not theirs to see: the answer is the same."""
    del request, error
    return Problem("not-found", "There is no such thing, or it is not yours to see").response()


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Parameters or a body that do not fit."""
    del request
    errors = [
        {"detail": str(each.get("msg")), "pointer": "/" + "/".join(map(str, each.get("loc", ())[1:]))}
        for each in error.errors
    ]
    return Problem("validation", "What was sent does not fit", errors=errors).response()


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What Ninja refuses by itself: a missing CSRF token, a body that is not JSON."""
    del request
    kind = "forbidden" if error.status_code == 403 else "malformed"
    return Problem(kind, str(error)).response()
