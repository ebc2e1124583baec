"""Limits: how long somebody stays signed in, at rest and at all.

The time at which a session ends stands in its row, where pages and websockets look alike. It moves on while somebody
works, at most once a minute, and never past the end that was set when they signed in.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

SINCE, SEEN = "hitl_since", "hitl_seen"
EVERY = 60  # seconds between two writes of a session at work
# The page asks by itself for what has changed elsewhere; that keeps nobody signed in.
BY_ITSELF = "X-By-Itself"

Handler = Callable[[HttpRequest], HttpResponseBase]


def begin(request: HttpRequest, **more: Any) -> None:  # noqa: ARG001  Django's signal says more
    """Somebody has signed in."""
    request.session[SINCE] = request.session[SEEN] = int(time.time())


@sync_only_middleware
def within_limits(get_response: Handler) -> Handler:
    """End sessions that are too old, and let those that are used live on."""

    def answering(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            _look(request)
        return get_response(request)

    return answering


def left(session: SessionBase, now: float) -> float:
    """How many seconds a session may still last, whatever is done in it."""
    return float(session.get(SINCE, 0)) + settings.HITL_SESSION_SECONDS - now


def _look(request: HttpRequest) -> None:
    session, now = request.session, time.time()
    idle = now - float(session.get(SEEN, 0))
    if left(session, now) <= 0 or idle > settings.HITL_SESSION_IDLE_SECONDS:
        logout(request)
    elif idle >= EVERY and BY_ITSELF not in request.headers:
        session[SEEN] = int(now)
        # Never 0: that is a session without an end of its own.
        session.set_expiry(max(1, int(min(settings.HITL_SESSION_IDLE_SECONDS, left(session, now)))))
