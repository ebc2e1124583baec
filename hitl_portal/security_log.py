"""The security log: who came in, who did not, and what was changed about how they prove who they are. Lines of the
ordinary log, under a name of their own. They tell people by their number, and nothing that somebody has typed: a name
may be a password that went into the wrong field."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account import signals as accounts
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as factors
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal
from django.http import HttpRequest

log = logging.getLogger("hitl_portal.security")


def watch() -> None:
    """From now on, in this process."""
    told: dict[Signal, Callable[..., None]] = {
        user_logged_in: came_in,
        user_logged_out: went,
        user_login_failed: stayed_out,
        accounts.password_changed: changed_password,
        accounts.password_set: changed_password,
        accounts.password_reset: changed_password,
        factors.authenticator_added: added_factor,
        factors.authenticator_removed: removed_factor,
        factors.authenticator_reset: removed_factor,
    }
    for signal, receiver in told.items():
        signal.connect(receiver, dispatch_uid=f"security log: {receiver.__name__}")


def came_in(user: User, request: HttpRequest, **_: Any) -> None:
    """Somebody is signed in."""
    log.info("person %s signed in from %s", user.pk, address_of(request))


def went(user: User | None, request: HttpRequest, **_: Any) -> None:
    """Somebody has signed out; nobody where the session was over already."""
    if user is not None:
        log.info("person %s signed out from %s", user.pk, address_of(request))


def stayed_out(request: HttpRequest | None = None, **_: Any) -> None:
    """Somebody has failed to prove who they are."""
    log.warning("a sign-in failed from %s", address_of(request))


def changed_password(user: User, request: HttpRequest, **_: Any) -> None:
    """There is another password."""
    log.info("person %s has another password, set from %s", user.pk, address_of(request))


def added_factor(user: User, request: HttpRequest, authenticator: Any, **_: Any) -> None:
    """There is one more second factor."""
    log.info("person %s added a factor (%s) from %s", user.pk, authenticator.type, address_of(request))


def removed_factor(user: User, request: HttpRequest, authenticator: Any, **_: Any) -> None:
    """A second factor is gone, or was made anew."""
    log.info("person %s removed a factor (%s) from %s", user.pk, authenticator.type, address_of(request))


def took_factor(request: HttpRequest, authenticator: Any) -> None:
    """An admin has deleted somebody's second factor."""
    told = (request.user.pk, authenticator.type, authenticator.user_id, address_of(request))
    log.info("person %s took away a factor (%s) of person %s from %s", *told)


def address_of(request: HttpRequest | None) -> str:
    """Where it came from, as far as the server says: behind a unix socket it may not."""
    try:
        return str(get_adapter().get_client_ip(request)) if request is not None else "nowhere"
    except PermissionDenied:  # what allauth raises where there is no address
        return "nowhere"
