"""Who calls the API. The one place to add other ways in: each returns the person who is meant, or None."""

from typing import TYPE_CHECKING, Any, cast

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from ninja.security import APIKeyCookie

from workflows.services import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import User

API_CHANNEL = "api"


class SessionPerson(APIKeyCookie):
    """Somebody who is signed in to the portal; what changes something needs the CSRF token as well."""

    param_name = "hitl_session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:  # noqa: ARG002  Ninja names it
        """The person whose session it is, their groups fetched for `policy`."""
        if not request.user.is_authenticated:
            return None
        prefetch_related_objects([request.user], "groups")
        return request.user


WAYS_IN = [SessionPerson()]


def person_of(request: HttpRequest) -> "User":
    """Who calls."""
    return cast("User", getattr(request, "auth"))  # noqa: B009  Ninja puts it there; no type knows it


def actor_of(request: HttpRequest) -> Actor:
    """Who calls, as the one who decides."""
    return Actor.of(person_of(request), channel=API_CHANNEL)
