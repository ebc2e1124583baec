"""Errors that machines read: problem details as in RFC 9457, with types that do not change.

A view raises `Problem`; `answered` turns it into the response. What is not a Problem stays a server error.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import override

TYPES = "urn:hitl-portal:problem:"

# What each problem is called and the status that goes with it.
PROBLEMS: dict[str, tuple[int, str]] = {
    "bad-signature": (401, "The signature does not fit"),
    "timestamp": (401, "The timestamp is too far from now"),
    "unknown-source": (404, "There is no such source"),
    "method-not-allowed": (405, "This address takes another method"),
    "workflow-disabled": (409, "The workflow is switched off"),
    "too-large": (413, "The body is too large"),
    "malformed": (400, "The request cannot be read"),
    "too-many": (429, "Too many at a time"),
    "unmapped": (422, "The body has nothing for the workflow"),
    "unknown-workflow": (422, "There is no such workflow here"),
    "invalid-answer": (400, "The answer does not fit what is asked"),
    "unresolved": (400, "Something must be answered first"),
    "not-signed-in": (401, "Nobody is signed in"),
    "forbidden": (403, "This is not allowed"),
    "missing-scope": (403, "This token may not do that"),
    "not-eligible": (403, "Somebody else decides this"),
    "self-approval": (403, "Nobody decides what they asked for themselves"),
    "admin-approval": (403, "An admin decides this"),
    "high-risk": (403, "The risk is high: this is decided where all of it is seen"),
    "not-found": (404, "There is nothing here"),
    "not-paused": (409, "The run waits for nobody"),
    "already-decided": (409, "Somebody was faster"),
    "stale-revision": (409, "What is asked about has changed"),
    "changed": (412, "It has changed since it was read"),
    "run-finished": (409, "The run has ended"),
    "conflict": (409, "Something else happened first"),
    "unknown-step": (422, "The run has no such step"),
    "idempotency-conflict": (422, "The same key was sent with something else"),
    "validation": (422, "What was sent does not fit"),
    "busy": (503, "Too many are listening just now"),
    "broken": (500, "Something broke on our side"),
    "unavailable": (503, "The portal cannot do its work just now"),
}

Parameters = ParamSpec("Parameters")


class Problem(Exception):
    """What the caller did wrong. `kind` is a key of PROBLEMS; `detail` is read by people and says no internals.

    `more` are further members, told where they are known.
    """

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers = kind, detail, headers
        self.more = {name: value for name, value in more.items() if value is not None}

    def response(self) -> HttpResponse:
        """The problem as `application/problem+json`."""
        status, title = PROBLEMS[self.kind]
        content = {"type": TYPES + self.kind, "title": title, "status": status, "detail": self.detail}
        content |= self.more
        headers = {"Content-Language": "en"} | dict(self.headers or {})
        return JsonResponse(content, status=status, content_type="application/problem+json", headers=headers)


def answered(
    view: Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """Answer with the Problem that a view raises; in English, whatever the program says that it prefers: what reads it
    is code."""

    @wraps(view)
    def answering(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponseBase:
        try:
            with override("en"):
                return view(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()

    return answering


def require_method(request: HttpRequest, method: str) -> None:
    """Refuse any other method, naming the right one."""
    if request.method != method:
        raise Problem("method-not-allowed", f"Only {method} is possible here", {"Allow": method})
