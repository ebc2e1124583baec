"""People: the groups that the portal itself knows, and what a person's groups and name are called in policies."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REVIEWERS = "reviewers"
ADMINS = "admins"


def groups_of(person: "User | None") -> set[str]:
    """The names of an active person's groups; none for nobody, and for who has left."""
    if person is None or not person.is_active:
        return set()
    # All of them: pages fetch them once for a request, and this then costs nothing.
    return {group.name for group in person.groups.all()}


def is_admin(person: "User | None", groups: set[str] | None = None) -> bool:
    """An active superuser or member of the group admins; `groups` are the person's, where they are known."""
    return _member(person, {ADMINS}, groups)


def is_reviewer(person: "User | None", groups: set[str] | None = None) -> bool:
    """Somebody who decides: an active member of the groups reviewers or admins, or a superuser; likewise."""
    return _member(person, {REVIEWERS, ADMINS}, groups)


def _member(person: "User | None", wanted: set[str], groups: set[str] | None) -> bool:
    if person is None or not person.is_active:
        return False
    return person.is_superuser or not wanted.isdisjoint(groups_of(person) if groups is None else groups)
