"""The API itself: what it consists of, and how everything that goes wrong is told (RFC 9457)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from hitl_portal.api.approvals import router as approvals
from hitl_portal.api.asking import router as requirements
from hitl_portal.api.auth import WAYS_IN
from hitl_portal.api.definitions import router as workflows
from hitl_portal.api.events import router as events
from hitl_portal.api.openapi import described
from hitl_portal.api.parsing import KeepableJson
from hitl_portal.api.pauses import router as pauses
from hitl_portal.api.runs import router as runs
from hitl_portal.api.starting import router as starting
from hitl_portal.api.streams import router as streams
from hitl_portal.api.tags import tag_of
from hitl_portal.problems import Problem


class PortalApi(NinjaAPI):
    """Answers are nobody's to keep, but for whoever has asked: they may ask whether theirs is still the same."""

    def create_response(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """An answer, not to be cached; 304 where the caller has it already."""
        response = super().create_response(request, *args, **named)
        if request.method == "GET" and response.status_code == 200:
            etag = response.get("ETag") or tag_of(response.content)
            response["ETag"] = etag
            response = get_conditional_response(request, etag=etag, response=response) or response
        response["Cache-Control"] = "no-store"
        return response

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description, with what holds for every operation."""
        return described(super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params))


# No page of documentation of Ninja's: those load scripts from elsewhere. Ours is in `reference`.
api = PortalApi(
    title="HITL Portal",
    version="1",
    description="Runs that wait for people, and the answers to what they wait for.",
    docs_url=None,
    urls_namespace="api",
    auth=WAYS_IN,
    parser=KeepableJson(),
)
api.add_router("/workflows", workflows, tags=["workflows"])
api.add_router("", starting)
api.add_router("", runs, tags=["runs"])
api.add_router("", events, tags=["runs"])
api.add_router("", streams)
api.add_router("/requirements", requirements, tags=["requirements"])
api.add_router("/approvals", approvals, tags=["approvals"])
api.add_router("/pauses", pauses, tags=["requirements"])


@api.exception_handler(Problem)
def problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """What a view refuses."""
    del request
    return problem.response()


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Nobody is known to call."""
    del request, error
    said = "Send an API token that holds (Authorization: Bearer …), or sign in to the portal first"
    return Problem("not-signed-in", said, {"WWW-Authenticate": "Bearer"}).response()


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """It does not exist, or is not theirs to see: the answer is the same."""
    del request, error
    return Problem("not-found", "There is no such thing, or it is not yours to see").response()


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Parameters or a body that do not fit."""
    del request
    errors = [{"detail": str(each.get("msg")), "pointer": _pointer(each)} for each in error.errors]
    return Problem("validation", "What was sent does not fit", errors=errors).response()


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What Ninja refuses by itself: a missing CSRF token, a body that is not JSON."""
    del request
    kind = "forbidden" if error.status_code == 403 else "malformed"
    return Problem(kind, str(error)).response()


def _pointer(error: dict[str, Any]) -> str:
    """Where it is in the body, or which parameter: Ninja says first how it was sent, then the name it gives to all."""
    sent, *place = error.get("loc", ())
    inside = place[1:] if sent in ("body", "query", "header") and len(place) > 1 else place
    return "/" + "/".join(map(str, inside))
