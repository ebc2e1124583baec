"""The door: what every page behind an answer link asks first, and what all of their answers have in common.

No session is made, and none is used: who is signed in as somebody else is stopped, for whose answer it would be must be
beyond doubt.

A page that tells nobody where it was (no-referrer) makes browsers say `Origin: null` of its own forms. What they say
besides, and no page can forge, is `Sec-Fetch-Site: same-origin`: that stands for the origin then. Browsers leave it
away where nothing is encrypted; there the form's CSRF token alone has to do.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables

from hitl_portal.links.limiting import count_wrong, is_flooding
from hitl_portal.links.opened import Opened
from hitl_portal.links.services import find
from hitl_portal.links.showing import show_flooded, show_other_person, show_over
from hitl_portal.links.standing import Dead, why_not

PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Opened, Parameters], HttpResponse]


class Guard(Protocol):
    """Turns a view into one that is asked only where it may be."""

    def __call__(self, view: View[Parameters], /) -> View[Parameters]: ...


def by_link(view: View[Parameters]) -> Callable[..., HttpResponse]:
    """The view gets the link that the token in its address is of, whether that still counts or not."""

    @csrf_protect
    def opened(
        request: HttpRequest, /, token: str, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if is_flooding(request):
            return show_flooded(request)
        try:
            found = Opened(link=find(token), token=token)
        except Dead as dead:
            count_wrong(request)
            return show_over(request, dead.why)
        return view(request, found, *args, **kwargs)

    @csrf_exempt  # Django's own check comes too early: it is made above
    @never_cache
    @sensitive_variables("token")
    @wraps(view)
    def guarded(
        request: HttpRequest, /, token: str, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        _say_origin(request)
        response: HttpResponse = opened(request, token, *args, **kwargs)
        for name, value in PRIVATE.items():
            response.headers[name] = value
        return response

    return guarded


def unless(turned_away: Callable[[HttpRequest, Opened], HttpResponse | None]) -> Guard:
    """A guard for views: where it has an answer of its own, the view is not asked."""

    def guard(view: View[Parameters]) -> View[Parameters]:
        @wraps(view)
        def asked(
            request: HttpRequest, opened: Opened, /, *args: Parameters.args, **kwargs: Parameters.kwargs
        ) -> HttpResponse:
            return turned_away(request, opened) or view(request, opened, *args, **kwargs)

        return asked

    return guard


@unless
def of_its_person(request: HttpRequest, opened: Opened) -> HttpResponse | None:
    """Not where somebody else is signed in: they are told so."""
    is_other = request.user.is_authenticated and request.user.pk != opened.link.person_id
    return show_other_person(request, opened) if is_other else None


@unless
def while_it_counts(request: HttpRequest, opened: Opened) -> HttpResponse | None:
    """Only while the link counts; else it is said why not."""
    why = why_not(opened.link, timezone.now())
    return show_over(request, why, opened) if why is not None else None


def _say_origin(request: HttpRequest) -> None:
    """Put our own origin in the place of `null` where the browser says that it was one of our pages."""
    if request.headers.get("Origin") != "null":
        return
    said = request.headers.get("Sec-Fetch-Site")
    if said == "same-origin" or (said is None and not settings.IS_HTTPS):
        request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
