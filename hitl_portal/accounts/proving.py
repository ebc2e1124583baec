"""Proving: whoever sets up what lets in shows first that the account is theirs: passwords, factors, tokens, answers
from elsewhere.

allauth asks for the password, or a factor. Who has neither has come by a link or by single sign-on, and can only show
it by coming in anew: a session that somebody left open is not enough.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from hitl_portal.accounts.fresh import records_of

LATELY = 15 * 60

View = Callable[..., HttpResponseBase]


def proven(view: View) -> View:
    """For people who can show again who they are, or have come in lately."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if get_adapter().get_reauthentication_methods(request.user) or _came_lately(request):
            return view(request, *args, **kwargs)
        return _come_in_anew(request)

    return guarded


def asks_for_proof(request: HttpRequest, *, way_back: str = "") -> HttpResponse | None:
    """Where to show who one is; None for who has shown it lately. With a way back they go on there, and else with what
    they have sent, which the session keeps meanwhile."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        return None if _came_lately(request) else _come_in_anew(request)
    if reauthentication.did_recently_reauthenticate(request):
        return None
    if way_back:
        return redirect(f"{methods[0]['url']}?{urlencode({'next': way_back})}")
    return reauthentication.suspend_request(request, methods[0]["url"])


def _come_in_anew(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/come_in_anew.html", status=403)


def _came_lately(request: HttpRequest) -> bool:
    records = records_of(request)
    return bool(records) and time.time() - float(records[-1].get("at", 0)) < LATELY
