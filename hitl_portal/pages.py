"""What every view of a page stands on: a signed-in person, and the place in the event log that it shows."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.defaults import bad_request, page_not_found
from django_htmx.http import HttpResponseClientRefresh

from hitl_portal.problems import Problem
from workflows.models import RunEvent

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_htmx.middleware import HtmxDetails

    class PageRequest(HttpRequest):
        """A request of somebody who is signed in."""

        user: User
        htmx: HtmxDetails
        live_position: int


# Addresses whose answers are read by programs.
FOR_MACHINES = ("/api/", "/hooks/")
AGAIN = {"Retry-After": "5"}
SAFE = {"GET", "HEAD", "OPTIONS"}
# What is told again to a page that answers a form: longer than any transaction is under way.
LATE = timedelta(seconds=30)

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate["PageRequest", Parameters], HttpResponse]


def page(view: View[Parameters]) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Only for people who are signed in; costs one query for `request.live_position` and one for their groups.

    The position is read before anything else of the page: what changes while the page is made is then told
    again, and never missed.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        asked = cast("PageRequest", request)
        if not request.user.is_authenticated:
            return _signed_out(asked)
        asked.live_position = _position(request)
        prefetch_related_objects(
            [asked.user], "groups"
        )  # for `policy`; the object lives as long as the request
        return view(asked, *args, **kwargs)

    return never_cache(guarded)


def live_position(before: datetime | None = None) -> int:
    """The newest event's sequence, or the newest one's of before a moment; 0 when nothing has happened yet."""
    events = RunEvent.objects.filter(created_at__lt=before) if before else RunEvent.objects.all()
    return events.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def _position(request: HttpRequest) -> int:
    """A form is mostly answered by a redirect, which needs no position: there it is read if it is used, and as of some
    time ago, so that it still counts as read first."""
    if request.method in SAFE:
        return live_position()
    return cast("int", SimpleLazyObject(partial(live_position, timezone.now() - LATE)))


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to an error of ours: it needs no database, and no person, only what the browser says itself.

    503 while the database is away or full: then the same request may be sent again.
    """
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if is_for_machines(request):
        return _told_to_a_machine(is_away)
    words = render_to_string("500.html", {"theme": request.COOKIES.get("hitl_theme"), "is_away": is_away})
    return HttpResponse(words, status=503, headers=AGAIN) if is_away else HttpResponse(words, status=500)


def missing(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The answer where there is nothing, or nothing that one may see."""
    if is_for_machines(request):
        return Problem("not-found", "There is no such thing, or it is not yours to see").response()
    return page_not_found(request, exception)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The answer to what Django itself cannot read: 413 where it is too long."""
    is_too_long = isinstance(exception, RequestDataTooBig)
    if is_for_machines(request):
        kind = "too-large" if is_too_long else "malformed"
        return Problem(
            kind, "This is more than is ever read" if is_too_long else "This cannot be read"
        ).response()
    answer = bad_request(request, exception, template_name="413.html" if is_too_long else "400.html")
    answer.status_code = 413 if is_too_long else 400
    return answer


def is_for_machines(request: HttpRequest) -> bool:
    """Whether its answer is read by a program."""
    return request.path_info.startswith(FOR_MACHINES)


def _told_to_a_machine(is_away: bool) -> HttpResponse:
    if is_away:
        return Problem("unavailable", "The database cannot be reached; nothing was changed", AGAIN).response()
    return Problem("broken", "It is written down for whoever runs this portal").response()


def _signed_out(request: "PageRequest") -> HttpResponse:
    # A fragment cannot show the sign-in page: the browser loads the whole page again and is sent there.
    return HttpResponseClientRefresh() if request.htmx else redirect_to_login(request.get_full_path())
