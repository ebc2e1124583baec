"""Claiming: who works on a requirement. It says so to others and expires by itself; it decides nothing.

Others may still decide what somebody has claimed, unless the policy is `exclusive`: work that was claimed and left
lying must not stop a run. The revision stays: what is asked is the same.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils import timezone

from workflows import policy
from workflows.acting import Actor, append_event, locked, person_of
from workflows.errors import ClaimedByAnother, NotEligible
from workflows.models import Requirement
from workflows.reviewing.deciding import lost

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Seconds, where the settings do not say: while one works on something, and while somebody is to find it.
CLAIM, ASSIGNMENT = 15 * 60, 24 * 60 * 60


def claim(requirement_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Requirement:
    """Take an open requirement for a while (HITL_CLAIM_SECONDS); once more prolongs it.

    Raises NotEligible for who may not decide it, AlreadyDecided, ClaimedByAnother.
    """
    now = timezone.now()
    with transaction.atomic(using=using):
        requirement, person = _open_for(requirement_id, actor, using)
        if not policy.may_decide(person, requirement):
            raise NotEligible(f"{actor.name} may not decide this")
        free = Q(assignee=None) | Q(claimed_until__lte=now) | Q(claimed_until=None) | Q(assignee=person.pk)
        _hand(requirement, person, now + claimed_for(), free)
        _tell(requirement, "RequirementClaimed", actor)
    return requirement


def unclaim(requirement_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Requirement:
    """Give it back before the time is over: one's own, or as an admin anybody's; nothing where nobody has it.

    Raises NotEligible, AlreadyDecided.
    """
    with transaction.atomic(using=using):
        requirement, person = _open_for(requirement_id, actor, using)
        holder = requirement.holder()
        if holder is None:
            return requirement
        if holder != person and not policy.is_admin(person):
            raise NotEligible(f"{holder} has claimed this")
        _hand(requirement, None, None, Q(assignee=holder.pk))
        _tell(requirement, "RequirementUnclaimed", actor, of=holder)
    return requirement


def assign(requirement_id: UUID, *, to: "User", actor: Actor, using: str = DEFAULT_DB_ALIAS) -> Requirement:
    """Say who is to decide it, for a while (HITL_ASSIGN_SECONDS). Who holds it hands it over; admins take it away.

    Where nobody holds it, everybody who may decide it may say so. Raises NotEligible for an actor who may not, or
    somebody who may not decide it; AlreadyDecided, ClaimedByAnother.
    """
    now = timezone.now()
    with transaction.atomic(using=using):
        requirement, person = _open_for(requirement_id, actor, using)
        holder = requirement.holder(now)
        if not policy.may_assign(person, requirement):
            raise NotEligible(f"{actor.name} may not assign this")
        if not policy.may_decide(to, requirement):
            raise NotEligible(f"{to} may not decide this")
        if holder not in (None, person) and not policy.is_admin(person):
            raise ClaimedByAnother(by=str(holder), until=requirement.claimed_until)
        same = Q(assignee=requirement.assignee_id, claimed_until=requirement.claimed_until)
        _hand(requirement, to, now + _seconds("HITL_ASSIGN_SECONDS", ASSIGNMENT), same)
        _tell(requirement, "RequirementAssigned", actor, to=to, of=holder)
    return requirement


def claimed_for() -> timedelta:
    """How long an item stays with who claims it."""
    return _seconds("HITL_CLAIM_SECONDS", CLAIM)


def _open_for(requirement_id: UUID, actor: Actor, using: str) -> "tuple[Requirement, User]":
    person = person_of(actor)
    requirement = locked(requirement_id, using)
    if not requirement.is_open:
        raise lost(requirement)
    return requirement, person


def _hand(requirement: Requirement, to: "User | None", until: datetime | None, while_: Q) -> None:
    """Change the holder by compare-and-set. Raises ClaimedByAnother."""
    rows = Requirement.objects.using(requirement._state.db).open().filter(while_, id=requirement.id)
    if not rows.update(assignee=to, claimed_until=until):
        raise ClaimedByAnother(by=str(requirement.assignee), until=requirement.claimed_until)
    requirement.assignee, requirement.claimed_until = to, until


def _tell(requirement: Requirement, event: str, actor: Actor, **people: "User | None") -> None:
    data: dict[str, object] = {name: str(person) for name, person in people.items() if person is not None}
    if requirement.claimed_until is not None:
        data["until"] = requirement.claimed_until.isoformat()
    append_event(requirement.run, event, actor, requirement=requirement, data=data)


def _seconds(setting: str, default: int) -> timedelta:
    return timedelta(seconds=float(getattr(settings, setting, default)))
