"""Known browsers: those in which somebody has signed in before. Their failures are counted apart, so that strangers who
try out passwords lock out other strangers and never the person.

A signed cookie says who, and has a number of its own: nobody can make one, and one that is copied gives as many tries
as any other browser has.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

COOKIE = f"{settings.COOKIE_PREFIX}hitl_known"
SALT = "hitl_portal.accounts.known"
LASTS = timedelta(days=365)
MOST = 5  # people who share a browser


def remember(request: HttpRequest, response: HttpResponse, person: "AbstractBaseUser") -> None:
    """Say in the browser that this person has signed in with it."""
    known = _known(request)
    number = known.pop(str(person.pk), None) or get_random_string(22)
    known[str(person.pk)] = number
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(list(known.items())[-MOST:]), salt=SALT),
        max_age=LASTS,
        path=settings.COOKIE_PATH,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def counted_as(request: HttpRequest, name: str) -> str:
    """Under what a failure to sign in by this name counts."""
    known = _known(request)
    if known:
        people = get_user_model().objects.filter(pk__in=known)
        for person in people:
            if name in {person.get_username().lower(), person.email.lower()}:
                return f"browser:{known[str(person.pk)]}"
    return f"name:{name}"


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return {}
    return said if isinstance(said, dict) else {}
