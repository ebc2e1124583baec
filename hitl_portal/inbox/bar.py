"""Bar: what stands above a card: who works on it, who else looks at it, until when it was put off, and undoing."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.held import Held, held_here
from hitl_portal.inbox.later import Moment, moments
from workflows import policy
from workflows.models import Requirement
from workflows.reviewing.claiming import claimed_for

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What one person may do about one item besides deciding it."""

    requirement: Requirement
    holder: "User | None"
    is_mine: bool
    may_claim: bool
    may_prolong: bool
    may_give_back: bool
    may_assign: bool
    snoozed_until: datetime | None
    held: Held | None
    later: list[Moment]
    earliest: datetime
    problem: str = ""


def bar_of(requirement: Requirement, desk: Desk, problem: str = "") -> Bar:
    """The bar for this person; costs nothing besides the card's own queries."""
    is_open, person = requirement.is_open, desk.person
    holder = requirement.holder(desk.now) if is_open else None
    may_decide = is_open and policy.may_decide(person, requirement)
    is_admin = policy.is_admin(person)
    return Bar(
        requirement=requirement,
        holder=holder,
        is_mine=holder == person,
        may_claim=may_decide and holder in (None, person),
        may_prolong=may_decide and holder == person and _ends_sooner(requirement, desk.now),
        may_give_back=holder is not None and (holder == person or is_admin),
        may_assign=is_open and (is_admin or (may_decide and holder in (None, person))),
        snoozed_until=getattr(requirement, "snoozed_until", None) if is_open else None,
        later=moments(desk.now) if is_open else [],
        earliest=timezone.localtime(desk.now),
        held=held_here(requirement, person.pk),
        problem=problem,
    )


def _ends_sooner(requirement: Requirement, now: datetime) -> bool:
    """Whether less than half of what a claim lasts is left: before, the button would be in the way."""
    until = requirement.claimed_until
    return until is not None and until <= now + claimed_for() / 2
