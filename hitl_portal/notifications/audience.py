"""Audience: whom an event concerns, of those who may see what it is about.

Everybody is looked at in memory: their groups, whose deputies they are, and what policies name are read once for a
batch of events, so that it costs the same for few people as for many.
"""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from hitl_portal.notifications.kinds import Kind
from hitl_portal.outbound.telling import DECIDED, OPENING, RELEASED, Decisions, decisions_behind, type_of
from hitl_portal.outbound.telling import TELLING as TOLD_OUTSIDE
from workflows import grants, policy
from workflows.acting import ENGINE, TIMER
from workflows.delegations import absent_for, know_absences
from workflows.models import Comment, Decision, Grant, Requirement, RunEvent
from workflows.types import Circle

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    Named = Iterable[tuple[Kind, User, str]]

ASSIGNED, ESCALATED, COMMENTED = "RequirementAssigned", "RequirementEscalated", "CommentAdded"
REMINDING = ("RequirementReminded", "RequirementOverdue")
NOBODY = (ENGINE.name, TIMER.name)
STOPPED = "DefinitionChanged"
TELLING = TOLD_OUTSIDE | {ASSIGNED, ESCALATED, COMMENTED, STOPPED, *REMINDING}
# What ends a question, so that nobody needs to be asked about it any more.
ENDING = frozenset({DECIDED, RELEASED, "WorkflowCancelled", "WorkflowError", "WorkflowCompleted"})
OF_RUNS = {
    "run.completed": Kind.COMPLETED,
    "run.failed": Kind.FAILED,
    "run.cancelled": Kind.CANCELLED,
}


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """One person is to be told of one event. `doer` is the person who did it; `instead_of` is whose deputy the one who
    is told is, where that is why."""

    event: RunEvent
    person: "User"
    kind: Kind
    doer: str = ""
    instead_of: str = ""


@dataclass(kw_only=True)
class Audience:
    """Everybody, and what is known of a batch of events."""

    people: "list[User]"
    grants: Mapping[UUID, list[Grant]]
    decisions: Decisions
    voters: Mapping[UUID, list[int | None]]
    comments: set[str]
    by_id: "dict[int, User]" = field(init=False)
    _heard: "dict[Hashable, list[tuple[User, User]]]" = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {person.pk: person for person in self.people}

    @classmethod
    def of(cls, events: list[RunEvent]) -> "Audience":
        """Read what these events need: a number of queries that depends on neither people nor events."""
        for event in events:
            if event.requirement is not None:
                event.requirement.run = event.run
        people = list(get_user_model().objects.filter(is_active=True).prefetch_related("groups"))
        know_absences(people)
        decided = {event.requirement_id for event in events if event.type in (DECIDED, RELEASED)}
        said = [str(event.data.get("comment")) for event in events if event.type == COMMENTED]
        comments = Comment.objects.filter(pk__in=said, erased_at=None).values_list("pk", flat=True)
        return cls(
            people=people,
            grants=_by_run(Grant.objects.filter(run__in={event.run_id for event in events})),
            decisions=decisions_behind(events),
            voters=_by_requirement(Decision.objects.filter(requirement__in=decided - {None})),
            comments={str(pk) for pk in comments},
        )

    def concerned(self, event: RunEvent) -> Iterator[Concerned]:
        """Each person once, without who has done it themselves, and without who may not see it."""
        told: set[int] = set()
        doer = self._doer(event)
        for kind, person, instead_of in self._named(event):
            known = person.pk in told or not person.is_active or person.get_username() == doer
            if known or not self.sees(person, event):
                continue
            told.add(person.pk)
            by = "" if doer in NOBODY else doer
            yield Concerned(event=event, person=person, kind=kind, doer=by, instead_of=instead_of)

    def sees(self, person: "User", event: RunEvent) -> bool:
        """Whether they may see what the event is about."""
        named = self.grants.get(event.run_id, [])
        return grants.sees(person, event.run, event.requirement, named)

    def _doer(self, event: RunEvent) -> str:
        if event.type == "WorkflowCancelled":
            return event.run.cancel_requested_by or event.actor
        return self._decision(event).actor

    def _decision(self, event: RunEvent) -> RunEvent:
        """Of a release, the decision that it releases; else the event itself."""
        if event.requirement_id is None or event.type != RELEASED:
            return event
        return self.decisions.get((event.requirement_id, event.data.get("revision", 0)), event)

    def _named(self, event: RunEvent) -> "Named":
        if event.type == COMMENTED:
            return self._mentioned(event)
        if event.requirement is not None:
            return self._about(event, event.requirement)
        outside = type_of(event)
        if event.type == STOPPED:
            return self._requester(event, Kind.FAILED)
        return self._requester(event, OF_RUNS[outside]) if outside in OF_RUNS else ()

    def _about(self, event: RunEvent, requirement: Requirement) -> "Named":
        if event.type in OPENING:
            return self._asked(requirement)
        if event.type in REMINDING:
            return self._reminded(requirement)
        if event.type == ASSIGNED:
            return self._assigned(event)
        if event.type == ESCALATED:
            return self._escalated(event, requirement)
        return self._closed(event, requirement)

    def _asked(self, requirement: Requirement) -> "Named":
        """Everybody whose answer counts; for a deputy it was delegated."""
        for person, voice in self._voices(requirement):
            own = voice.pk == person.pk
            yield Kind.WAITS if own else Kind.ASSIGNED, person, "" if own else voice.get_username()

    def _assigned(self, event: RunEvent) -> "Named":
        name = event.data.get("to")
        return [(Kind.ASSIGNED, person, "") for person in self.people if person.get_username() == name]

    def _reminded(self, requirement: Requirement) -> "Named":
        """Who works on it; where nobody does, everybody who could."""
        is_held = requirement.claimed_until is not None and requirement.claimed_until > timezone.now()
        for person, voice in self._voices(requirement):
            if not is_held or person.pk == requirement.assignee_id:
                yield Kind.REMINDER, person, "" if voice.pk == person.pk else voice.get_username()

    def _escalated(self, event: RunEvent, requirement: Requirement) -> "Named":
        circle = Circle(groups=tuple(event.data.get("groups", ())), users=tuple(event.data.get("users", ())))
        for person, _voice in self._voices(requirement):
            for named in (person, *absent_for(person)):
                if policy.named_in(circle, named):
                    yield Kind.ESCALATION, person, "" if named is person else named.get_username()

    def _closed(self, event: RunEvent, requirement: Requirement) -> "Named":
        outside = type_of(event)
        if outside == "requirement.expired":
            yield from self._requester(event, Kind.EXPIRED)
            for person, _voice in self._voices(requirement):
                yield Kind.EXPIRED, person, ""
        elif outside == "requirement.decided":
            yield from self._requester(event, Kind.DECIDED)
            for pk in (requirement.assignee_id, *self.voters.get(requirement.pk, ())):
                if pk is not None and pk in self.by_id:
                    yield Kind.DECIDED, self.by_id[pk], ""

    def _mentioned(self, event: RunEvent) -> "Named":
        if str(event.data.get("comment")) not in self.comments:
            return
        for pk in event.data.get("mentions", ()):
            if pk in self.by_id:
                yield Kind.MENTION, self.by_id[pk], ""

    def _requester(self, event: RunEvent, kind: Kind) -> "Named":
        person = self.by_id.get(event.run.requested_by_id or 0)
        return [(kind, person, "")] if person is not None else []

    def _voices(self, requirement: Requirement) -> "list[tuple[User, User]]":
        """Whose answer counts, and whose it is; asked once for all questions of a batch that have the same policy."""
        key = _standing(requirement)
        if key not in self._heard:
            asked = ((person, policy.voice(person, requirement)) for person in self.people)
            self._heard[key] = [(person, voice) for person, voice in asked if voice is not None]
        return self._heard[key]


def _standing(requirement: Requirement) -> Hashable:
    """What it depends on whose answer counts, besides who people are."""
    said = json.dumps(requirement.policy, sort_keys=True)
    opened_at = requirement.opened_at if requirement.steps_taken else None
    own = requirement.run.requested_by_id if requirement.policy.get("four_eyes") else None
    return said, requirement.steps_taken, opened_at, own, policy.admins_only(requirement)


def _by_run(rows: Iterable[Grant]) -> dict[UUID, list[Grant]]:
    found: dict[UUID, list[Grant]] = {}
    for row in rows:
        found.setdefault(row.run_id, []).append(row)
    return found


def _by_requirement(rows: Iterable[Decision]) -> dict[UUID, list[int | None]]:
    found: dict[UUID, list[int | None]] = {}
    for row in rows:
        found.setdefault(row.requirement_id, []).append(row.person_id)
    return found
