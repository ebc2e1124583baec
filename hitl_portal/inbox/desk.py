"""Desk: the part of the inbox that one person may see, asked of `access` once for a page, and what they want of it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.shortcuts import get_object_or_404
from django.utils import timezone

from hitl_portal import access
from hitl_portal.inbox.filters import Filters
from workflows import policy
from workflows.models import Requirement, RequirementQuerySet, Snooze

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What one person may see; `decides` tells whether they are somebody who decides at all."""

    person: "User"
    decides: bool
    filters: Filters = field(default_factory=Filters)
    now: datetime = field(default_factory=timezone.now)

    @classmethod
    def of(cls, person: "User", filters: Filters | None = None) -> Self:
        """Costs what `policy` needs to know of the person: nothing where their groups are fetched."""
        return cls(
            person=person,
            decides=policy.is_reviewer(person),
            filters=filters or Filters(),
        )

    @cached_property
    def visible(self) -> RequirementQuerySet:
        """All that they may see, made when it is first asked for."""
        return access.visible_requirements(self.person)

    def find(self, requirement_id: UUID) -> Requirement:
        """One requirement with its evidence and, as `snoozed_until`, until when this person put it off; or 404."""
        return get_object_or_404(self.until(self.visible.select_related("evidence")), id=requirement_id)

    def until(self, requirements: RequirementQuerySet) -> RequirementQuerySet:
        """The same, each with `snoozed_until`: until when this person put it off."""
        asleep = Snooze.objects.asleep(self.now).filter(requirement=OuterRef("pk"), person=self.person.pk)
        return requirements.annotate(snoozed_until=Subquery(asleep.values("until")))

    def listed(self) -> RequirementQuerySet:
        """What is wanted, unsorted."""
        return self.visible.filter(self.filters.conditions(self.person, self.now))

    def after(self, requirement: Requirement) -> Requirement | None:
        """The open item after this one in the order that is wanted, from the top again at its end."""
        if self.filters.is_decided:
            return None
        order = self.filters.order
        others = order.of(self.listed().exclude(id=requirement.id))
        later = When(order.is_beyond(order.place(requirement)), Value(0))
        return others.order_by(Case(later, default=Value(1)), *others.query.order_by).first()
