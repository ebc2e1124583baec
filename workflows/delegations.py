"""Delegations: who is away from when to when, and who decides for them meanwhile."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from workflows.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import User

NAME = 200


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """The named queries of delegations."""

    def current(self, now: datetime) -> "DelegationQuerySet":
        """Those that hold at a moment."""
        return self.filter(starts_at__lte=now, ends_at__gt=now, revoked_at=None)


class Delegation(models.Model):
    """A person is away; the deputy, where there is one, may decide what they may. Kept when it is over or revoked.

    It goes one step: what was delegated to somebody is not theirs to delegate.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations")
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="delegated_to",
        help_text="Nobody: they are away, and nobody decides for them.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(
        max_length=NAME, blank=True, help_text="Shown to colleagues: on leave, back on Monday."
    )
    created_by = models.CharField(max_length=NAME)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["starts_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="delegation_begins_first"),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("person")), name="delegation_to_somebody_else"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["deputy", "ends_at"], name="delegation_of_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} to {self.deputy_id}: {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"


def absent_for(person: "User", using: str | None = None) -> "list[User]":
    """The active people whose deputy this person is now, groups fetched along.

    At most three queries; none the second time with the same object, as a page asks for every item of a list.
    """
    known: list[User] | None = vars(person).get("_absent_for")
    if known is None:
        current = Delegation.objects.using(using or person._state.db or "default").current(timezone.now())
        rows = current.filter(deputy=person.pk, person__is_active=True).select_related("person")
        known = [delegation.person for delegation in rows.prefetch_related("person__groups")]
        vars(person)["_absent_for"] = known
    return known


def know_absences(people: "Collection[User]") -> None:
    """Have `absent_for` know it of all of these people, without a query for each; three queries."""
    current = Delegation.objects.current(timezone.now()).filter(deputy__in=people, person__is_active=True)
    rows = current.select_related("person").prefetch_related("person__groups")
    absent: dict[int | None, list[User]] = {}
    for delegation in rows:
        absent.setdefault(delegation.deputy_id, []).append(delegation.person)
    for person in people:
        vars(person)["_absent_for"] = absent.get(person.pk, [])
