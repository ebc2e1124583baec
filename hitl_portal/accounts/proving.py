"""Proving: whoever sets up a password or a factor shows first that the account is theirs.

allauth asks for the password, or a factor. Who has neither has come by a link or by single sign-on, and can only show
it by coming in anew: a session that somebody left open is not enough.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from hitl_portal.accounts.fresh import records_of

LATELY = 15 * 60

View = Callable[..., HttpResponseBase]


def proven(view: View) -> View:
    """For people who can show again who they are, or have come in lately."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if get_adapter().get_reauthentication_methods(request.user) or _came_lately(request):
            return view(request, *args, **kwargs)
        return render(request, "accounts/come_in_anew.html", status=403)

    return guarded


def _came_lately(request: HttpRequest) -> bool:
    records = records_of(request)
    return bool(records) and time.time() - float(records[-1].get("at", 0)) < LATELY
