"""Delegating: who is away, and who decides for them meanwhile."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from workflows import policy
from workflows.acting import Actor, person_of
from workflows.errors import InvalidDates, NotEligible
from workflows.models import Delegation

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def delegate(
    person: "User",
    *,
    deputy: "User | None",
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    note: str = "",
    using: str = DEFAULT_DB_ALIAS,
) -> Delegation:
    """Say that a person is away, and who decides for them; nobody where `deputy` is None.

    For oneself, or as an admin for anybody. It never goes around four eyes, nor further than one step. Raises
    NotEligible, InvalidDates.
    """
    _refuse_others(person, actor)
    if deputy is not None and (deputy.pk == person.pk or not deputy.is_active):
        raise NotEligible(f"{deputy} cannot be the deputy of {person}")
    if starts_at >= ends_at or ends_at <= timezone.now():
        raise InvalidDates("It ends before it begins, or has ended already")
    return Delegation.objects.using(using).create(
        person=person,
        deputy=deputy,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note,
        created_by=actor.name,
    )


def revoke_delegation(delegation_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Delegation:
    """End it now: what the deputy decided counts no more where no run has gone on with it yet. Raises NotEligible."""
    delegation = Delegation.objects.using(using).select_related("person").get(id=delegation_id)
    _refuse_others(delegation.person, actor)
    Delegation.objects.using(using).filter(id=delegation_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    delegation.refresh_from_db(fields=["revoked_at"])
    return delegation


def _refuse_others(person: "User", actor: Actor) -> None:
    if person_of(actor).pk != person.pk and not policy.is_admin(actor.person):
        raise NotEligible("Only they themselves, or an admin, can say so")
