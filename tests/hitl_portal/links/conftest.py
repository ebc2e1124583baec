"""What the tests of answer links share."""

from django.contrib.auth.models import User

from hitl_portal.links.services import issue
from workflows.models import Requirement

BASE = "http://localhost:8000"


def path_to(requirement: Requirement, person: User) -> str:
    """The path of a new link."""
    address = issue(requirement, person)
    assert address is not None
    return address.removeprefix(BASE)
