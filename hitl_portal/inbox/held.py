"""Held: the decisions that can still be undone by who has made them in this browser, for the bars that offer it.

When the last of them was made, the session remembers: as long as there is none, a page asks the database nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from workflows.models import Decision, Requirement

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

KEY = "inbox_held_until"
MOST = 3  # so many bars; what was decided before them is undone above its card


@dataclass(frozen=True, kw_only=True)
class Held:
    """One decision of the person's that is not released yet."""

    decision: Decision
    left: int
    whole: int

    @property
    def requirement(self) -> Requirement:
        """What was decided."""
        return self.decision.requirement


def note(request: "PageRequest", requirement: Requirement) -> None:
    """Remember that there is something to undo for a while."""
    if requirement.is_held() and requirement.release_at is not None:
        known = _until(request)
        request.session[KEY] = max(requirement.release_at, known or requirement.release_at).isoformat()


def held(request: "PageRequest") -> list[Held]:
    """What this person can still undo, the latest first; one query, and none where the session knows of nothing."""
    now, until = timezone.now(), _until(request)
    if until is None or until <= now:
        return []
    decisions = Decision.objects.filter(
        person=request.user.pk,
        closes=True,
        revision=F("requirement__revision"),
        requirement__status=Requirement.Status.DECIDED,
        requirement__release_at__gt=now,
    )
    found = decisions.select_related("requirement__run__workflow").order_by("-decided_at")[:MOST]
    return [_held(decision, now) for decision in found]


def held_here(requirement: Requirement, person_id: int) -> Held | None:
    """A card's decision, where this person can still undo it."""
    decision = requirement.decision if requirement.is_held() else None
    return _held(decision, timezone.now()) if decision and decision.person_id == person_id else None


def _held(decision: Decision, now: datetime) -> Held:
    until = decision.requirement.release_at
    assert until is not None
    left, whole = (round((until - since).total_seconds()) for since in (now, decision.decided_at))
    return Held(decision=decision, left=max(1, left), whole=max(1, whole))


def _until(request: "PageRequest") -> datetime | None:
    text = request.session.get(KEY)
    return parse_datetime(text) if text else None
