"""Who may do what: the rules that services check at commit and workers at resume.

Reviewers decide, admins decide and cancel, requesters see and cancel what they asked for. `hitl_portal.access`
asks here for what pages may show.
"""

from typing import TYPE_CHECKING

from workflows.models import Requirement, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REVIEWERS = "reviewers"
ADMINS = "admins"


def is_admin(person: "User | None") -> bool:
    """An active superuser or member of the group admins."""
    return _member(person, {ADMINS})


def is_reviewer(person: "User | None") -> bool:
    """Somebody who decides: an active member of the groups reviewers or admins, or a superuser."""
    return _member(person, {REVIEWERS, ADMINS})


def may_decide(person: "User | None", requirement: Requirement) -> bool:
    """Whether this person's answer counts for this requirement."""
    del requirement  # every open requirement is open to every reviewer so far
    return is_reviewer(person)


def script_may_decide(requirement: Requirement) -> bool:
    """Whether a script that continues a run may answer for people (decision 8)."""
    del requirement  # no requirement is bound to groups, quorum or four-eyes so far
    return True


def may_cancel(person: "User | None", run: WorkflowRun) -> bool:
    """Whether this person may end this run: admins, and whoever asked for it."""
    return is_admin(person) or (person is not None and person.is_active and run.requested_by_id == person.pk)


def _member(person: "User | None", groups: set[str]) -> bool:
    if person is None or not person.is_active:
        return False
    # All of them: pages fetch them once for a request, and this then costs nothing.
    return person.is_superuser or any(group.name in groups for group in person.groups.all())
