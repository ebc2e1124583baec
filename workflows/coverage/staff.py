"""Staff: everybody who is active, with groups and absences: who is there to decide."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Prefetch

from workflows import policy
from workflows.coverage.finding import Subject
from workflows.delegations import Delegation
from workflows.types import Circle

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Asked = tuple[Circle | None, Circle, bool]


class Staff:
    """Everybody who is active; three queries. Whom the same names mean is found once."""

    def __init__(self, now: datetime) -> None:
        coming = Delegation.objects.filter(ends_at__gt=now, revoked_at=None)
        people = get_user_model().objects.filter(is_active=True).order_by("pk")
        away = Prefetch("delegations", queryset=coming, to_attr="absences")
        self.now, self.people = now, list(people.prefetch_related("groups", away))
        self._by_id = {person.pk: person for person in self.people}
        self._names = {person.get_username() for person in self.people}
        self._groups = {group for person in self.people for group in policy.groups_of(person)}
        self._eligible: dict[Asked, list[User]] = {}

    def has_members(self, group: str) -> bool:
        """Whether anybody is in a group."""
        return group in self._groups

    def knows(self, username: str) -> bool:
        """Whether there is an active person of that name."""
        return username in self._names

    def reaches(self, circle: Circle) -> bool:
        """Whether it names anybody who is there."""
        return any(map(self.knows, circle.users)) or any(map(self.has_members, circle.groups))

    def eligible(self, subject: Subject) -> "list[User]":
        """Who may decide it, four eyes apart."""
        key = subject.policy.deciders, subject.more, subject.admins_only
        if key not in self._eligible:
            self._eligible[key] = [person for person in self.people if self._may(person, subject)]
        return self._eligible[key]

    def is_away(self, person: "User", until: datetime) -> bool:
        """From now until then, with nobody there who decides for them."""
        for absence in getattr(person, "absences", ()):
            if absence.starts_at <= self.now and absence.ends_at >= until:
                deputy = self._by_id.get(absence.deputy_id)
                return deputy is None or any(
                    theirs.starts_at <= self.now and theirs.ends_at >= until
                    for theirs in getattr(deputy, "absences", ())
                )
        return False

    def _may(self, person: "User", subject: Subject) -> bool:
        if subject.admins_only:
            return policy.is_admin(person)
        return policy.fits(person, subject.policy, subject.more)
