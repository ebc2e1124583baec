"""Where somebody is signed in: they see it and end what they do not know. An ended session's websockets go at once,
in every web process."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal.accounts.browsers import name_of
from hitl_portal.accounts.limits import SEEN
from hitl_portal.pages import page
from workflows import bus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.pages import PageRequest


@dataclass(frozen=True, kw_only=True)
class Open:
    """One session that is still good."""

    number: int
    browser: str
    address: str
    since: datetime
    seen: datetime
    is_current: bool


@require_safe
@page
def listed(request: "PageRequest") -> HttpResponse:
    """One's own sessions, this one first."""
    found = open_sessions(request.user, request.session.session_key)
    return render(request, "accounts/sessions.html", {"sessions": found})


@require_POST
@page
def end(request: "PageRequest", session_number: int) -> HttpResponse:
    """End one of one's own."""
    session = get_object_or_404(UserSession, pk=session_number, user=request.user)
    if session.session_key == request.session.session_key:
        return redirect("accounts:sessions")  # that is signing out, which has its own button
    end_all([session])
    messages.success(request, _("That browser is signed out."))
    return redirect("accounts:sessions")


@require_POST
@page
def end_others(request: "PageRequest") -> HttpResponse:
    """End all of one's own but this one."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    end_all(list(others))
    messages.success(request, _("Every other browser is signed out."))
    return redirect("accounts:sessions")


def open_sessions(person: "User", current: str | None) -> list[Open]:
    """Those that still let the person in, the current one first, then by when they began; two queries."""
    known = {session.session_key: session for session in UserSession.objects.filter(user=person)}
    rows = Session.objects.filter(session_key__in=known, expire_date__gt=timezone.now())
    right = person.get_session_auth_hash()
    held = [(known[row.session_key], row.get_decoded()) for row in rows]
    found = [
        _told(session, data, is_current=session.session_key == current)
        for session, data in held
        if constant_time_compare(data.get(HASH_SESSION_KEY, ""), right)
    ]
    return sorted(found, key=lambda one: (not one.is_current, -one.since.timestamp()))


def renew(request: HttpRequest, *, reauthenticated: bool = False, **more: Any) -> None:  # noqa: ARG001
    """Whoever has proved anew who they are goes on in a session with another key."""
    if reauthenticated:
        before = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def end_all(sessions: list[UserSession]) -> None:
    """End these, for whomever they let in, and tell every web process."""
    keys = [session.session_key for session in sessions]
    with transaction.atomic():
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()
        bus.tell()


def _told(session: UserSession, data: dict[str, Any], *, is_current: bool) -> Open:
    return Open(
        number=session.pk,
        browser=name_of(session.user_agent),
        address=session.ip,
        since=session.created_at,
        seen=datetime.fromtimestamp(data.get(SEEN, 0), UTC),
        is_current=is_current,
    )
