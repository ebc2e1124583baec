"""Who calls the API. The one place to add other ways in: each returns the caller that is meant, or None."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from hitl_portal.api.models import ApiToken, Scope
from hitl_portal.problems import Problem
from workflows.services import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import User

API_CHANNEL = "api"
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The person who calls, or whose token does."""

    person: "User"
    token: ApiToken | None = None

    @property
    def actor(self) -> Actor:
        """The caller as one who acts."""
        via = f"token {self.token.name}" if self.token else ""
        return Actor(name=self.person.get_username(), channel=API_CHANNEL, person=self.person, via=via)


class TokenOfPerson(HttpBearer):
    """A program with a person's API token: for what changes something it needs the scope `decide`, unless told."""

    openapi_name = "ApiToken"

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The owner; None for a token that is not known, over, or revoked. Raises Problem without the scope."""
        found = ApiToken.objects.valid(token)
        if found is None:
            return None
        scope = self.scope or (Scope.READ if request.method in SAFE else Scope.DECIDE)
        if not found.allows(scope):
            raise Problem("missing-scope", f"This token has not the scope '{scope}'")
        if scope == Scope.START:
            found.count_start()
        found.note_use()
        prefetch_related_objects([found.person], "groups")
        return Caller(person=found.person, token=found)


class SessionPerson(APIKeyCookie):
    """Somebody who is signed in to the portal; what changes something needs the CSRF token as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002  Ninja names it
        """The person whose session it is, their groups fetched for `policy`."""
        if not request.user.is_authenticated:
            return None
        prefetch_related_objects([request.user], "groups")
        return Caller(person=request.user)


def ways_in(scope: Scope | None = None) -> list[Any]:
    """How one may call an operation; `scope` is what a token needs for it. The token first: it needs no cookie."""
    return [TokenOfPerson(scope), SessionPerson()]


WAYS_IN = ways_in()
TO_START = ways_in(Scope.START)


def caller_of(request: HttpRequest) -> Caller:
    """Who calls."""
    return cast(Caller, getattr(request, "auth"))  # noqa: B009  Ninja puts it there; no type knows it


def person_of(request: HttpRequest) -> "User":
    """The person who calls."""
    return caller_of(request).person


def actor_of(request: HttpRequest) -> Actor:
    """Who calls, as the one who decides."""
    return caller_of(request).actor
