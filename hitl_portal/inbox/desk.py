"""Desk: the part of the inbox that one person may see, asked of `access` once for a whole page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import Case, Q, Value, When
from django.shortcuts import get_object_or_404

from hitl_portal import access
from workflows import policy
from workflows.models import Requirement, RequirementQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What one person may see; `decides` tells whether they are somebody who decides at all."""

    person: "User"
    visible: RequirementQuerySet
    decides: bool

    @classmethod
    def of(cls, person: "User") -> Self:
        """Costs what `policy` needs to know of the person: nothing where their groups are fetched."""
        return cls(
            person=person,
            visible=access.visible_requirements(person),
            decides=policy.is_reviewer(person),
        )

    def find(self, requirement_id: UUID) -> Requirement:
        """One requirement with its evidence, or 404."""
        return get_object_or_404(self.visible.select_related("evidence"), id=requirement_id)

    def after(self, requirement: Requirement) -> Requirement | None:
        """The open requirement after this one in the inbox's order, from the top again at its end."""
        later = Q(opened_at__gt=requirement.opened_at)
        later |= Q(opened_at=requirement.opened_at, id__gt=requirement.id)
        others = self.visible.open().exclude(id=requirement.id)
        return others.order_by(Case(When(later, Value(0)), default=Value(1)), "opened_at", "id").first()
