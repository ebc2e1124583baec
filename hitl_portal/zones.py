"""Zones: in which time zone a person's pages tell times: as they chose, else as their device says, else the server's.

What somebody chose is kept with their preferences. Their session remembers it, so that a page needs no query for it;
a browser in which it was not changed notices within FRESH seconds.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_only_middleware

if TYPE_CHECKING:
    from django.contrib.auth.models import User

COOKIE = "hitl_time_zone"  # the device's, written by the page's script
KEY = "time_zone"
FRESH = 600
OTHERS = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")

Handler = Callable[[HttpRequest], HttpResponseBase]


@cache
def known() -> tuple[str, ...]:
    """The zones that people may choose, by the names that their devices have for them."""
    named = {name for name in available_timezones() if "/" in name and not name.startswith(OTHERS)}
    return ("UTC", *sorted(named))


def by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones as choices, each region a group of its own."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in known():
        region, _slash, place = name.partition("/")
        found.setdefault(region, []).append((name, place.replace("_", " ") or name))
    return list(found.items())


@sync_only_middleware
def times_of_the_viewer(get_response: Handler) -> Handler:
    """Have everything that a request renders tell times in its person's zone; after the middleware of sign-in."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        chosen = _chosen(request) if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        request.chosen_zone = chosen  # type: ignore[attr-defined]  # for base.html
        name = chosen or request.COOKIES.get(COOKIE, "")
        if name not in known():
            return get_response(request)
        with timezone.override(ZoneInfo(name)):
            return get_response(request)

    return handle


def remember(request: HttpRequest, name: str) -> None:
    """Keep what somebody chose in their session; an empty name is "as the device"."""
    request.session[KEY] = {"name": name, "read_at": time.time()}


def remember_at_sign_in(request: HttpRequest, user: "User", **_others: object) -> None:
    """The receiver of Django's word that somebody has signed in."""
    remember(request, _kept(user))


def _chosen(request: HttpRequest) -> str:
    kept = request.session.get(KEY)
    if not isinstance(kept, dict) or not request.user.is_authenticated:
        return ""
    if time.time() - float(kept.get("read_at", 0)) > FRESH:
        remember(request, _kept(request.user))
        kept = request.session[KEY]
    return str(kept.get("name", ""))


def _kept(person: "User") -> str:
    # The settings name this module before models are loaded.
    from hitl_portal.inbox.models import Preferences

    return Preferences.of(person).time_zone
