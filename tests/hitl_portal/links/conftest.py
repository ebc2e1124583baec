"""What the tests of answer links share: new links, and what may happen to what they are about."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.links.services import find, issue
from hitl_portal.links.standing import Why, why_not
from workflows import services
from workflows.models import Delegation, Requirement
from workflows.services import Actor
from workflows.types import Action, Answer

BASE = "http://localhost:8000"
YES = Answer(action=Action.approve)


def token_for(requirement: Requirement, person: User) -> str:
    """The token of a new link."""
    return path_to(requirement, person).split("/")[2]


def path_to(requirement: Requirement, person: User) -> str:
    """The path of a new link."""
    address = issue(requirement, person)
    assert address is not None
    return address.removeprefix(BASE)


def standing_of(token: str) -> Why | None:
    """Why a link does not count now."""
    return why_not(find(token), timezone.now())


def away(person: User, deputy: User) -> Delegation:
    """They are away from now on for a day."""
    now = timezone.now()
    return services.delegate(
        person, deputy=deputy, starts_at=now, ends_at=now + timedelta(days=1), actor=Actor.of(person)
    )
