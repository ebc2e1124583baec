"""Coverage: what can never be decided, found before a run waits for it: for every workflow, and for what is open.

Plain counting over who is there now. The people, their groups and absences are read once, so that it costs the same
few queries however much is open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Prefetch
from django.utils import timezone

from workflows import policy
from workflows.delegations import Delegation
from workflows.due import escalated
from workflows.models import Requirement, Workflow
from workflows.types import Circle, ReviewPolicy
from workflows.types.review_policy import EACH_GROUP

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Problem = Literal[
    "empty group", "nobody", "quorum too large", "four eyes", "split votes", "all away", "broken policy"
]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: `problem` is for programs, `detail` says it to people.

    About a step of a workflow (`path`; empty: all of it), or about an open requirement, then with its id.
    """

    problem: Problem
    detail: str
    workflow: str
    path: str = ""
    requirement_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is looked at: a policy, and of an open requirement who asked for the run, and until when it waits."""

    policy: ReviewPolicy
    more: Circle = field(default_factory=Circle)
    admins_only: bool = False
    requested_by: int | None = None
    deadline: datetime | None = None
    is_open: bool = False


class Staff:
    """Everybody who is active, with groups and absences; three queries."""

    def __init__(self, now: datetime) -> None:
        coming = Delegation.objects.filter(ends_at__gt=now, revoked_at=None)
        people = get_user_model().objects.filter(is_active=True).order_by("pk")
        away = Prefetch("delegations", queryset=coming, to_attr="absences")
        self.now, self.people = now, list(people.prefetch_related("groups", away))
        self._by_id = {person.pk: person for person in self.people}

    def members(self, group: str) -> list["User"]:
        """Who is in a group."""
        return [person for person in self.people if group in policy.groups_of(person)]

    def eligible(self, subject: Subject) -> list["User"]:
        """Who may decide it, four eyes apart."""
        if subject.admins_only:
            return [person for person in self.people if policy.is_admin(person)]
        return [person for person in self.people if policy.fits(person, subject.policy, subject.more)]

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


def findings() -> list[Finding]:
    """Everything that is wrong now: of the workflows, then of what is open."""
    staff = Staff(timezone.now())
    return [*_of_workflows(staff), *_of_open(staff)]


def of_definitions() -> list[Finding]:
    """What is wrong with the workflows themselves, however much is open; four queries."""
    return list(_of_workflows(Staff(timezone.now())))


def _of_workflows(staff: Staff) -> Iterator[Finding]:
    for workflow in Workflow.objects.filter(enabled=True):
        try:
            general = ReviewPolicy.from_dict(workflow.policy)
        except (TypeError, ValueError) as wrong:
            yield Finding(problem="broken policy", detail=str(wrong), workflow=workflow.name)
            continue
        for path, said in _places(workflow).items():
            if "deciders" in said.pop("chosen", ()):
                continue  # who that will be is known when it is asked
            subject = Subject(policy=ReviewPolicy.from_dict(said).over(general))
            for problem, detail in _problems(subject, staff):
                yield Finding(problem=problem, detail=detail, workflow=workflow.name, path=path)


def _places(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """The paths at which steps say something of their own, and "" for all that say nothing."""
    asking = list(_asking(workflow.outline))
    general: dict[str, dict[str, Any]] = (
        {"": {}} if workflow.policy or any(not said for _, said in asking) else {}
    )
    return general | {path: dict(said) for path, said in asking if said}


def _asking(node: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The places of an outline at which people are asked, with what their steps say."""
    said = node.get("policy", {})
    if node.get("asks") or said:
        yield str(node.get("path", "")), said
    for child in node.get("children", ()):
        yield from _asking(child)


def _of_open(staff: Staff) -> Iterator[Finding]:
    for requirement in Requirement.objects.open().select_related("run__workflow"):
        subject = Subject(
            policy=requirement.review_policy,
            more=escalated(requirement),
            admins_only=policy.admins_only(requirement),
            requested_by=requirement.run.requested_by_id,
            deadline=requirement.timeout_at or requirement.due_at,
            is_open=True,
        )
        for problem, detail in _problems(subject, staff):
            yield Finding(
                problem=problem,
                detail=detail,
                workflow=requirement.run.workflow.name,
                path=requirement.path,
                requirement_id=requirement.id,
            )


def _problems(subject: Subject, staff: Staff) -> Iterator[tuple[Problem, str]]:
    named = subject.policy.deciders or Circle()
    for group in named.groups:
        if not staff.members(group):
            yield "empty group", f"Nobody is in the group '{group}'"
    everybody = staff.eligible(subject)
    left = _without_requester(everybody, subject)
    needed = _needed(subject.policy)
    if not everybody:
        yield "nobody", "Nobody may decide it"
    elif len(everybody) < needed:
        yield "quorum too large", f"{needed} must agree, and {len(everybody)} may decide"
    elif len(left) < needed:
        yield "four eyes", _four_eyes(subject, needed, len(left))
    elif needed + (subject.policy.rejections or 1) - 1 > len(left):
        yield "split votes", f"{len(left)} may decide: they can disagree so that neither side has enough"
    yield from _away(subject, staff, left, needed)


def _without_requester(everybody: list["User"], subject: Subject) -> list["User"]:
    """Who is left under four eyes; of a workflow, when one of those who may decide asks for the run."""
    if not subject.policy.four_eyes:
        return everybody
    if not subject.is_open:
        return everybody[1:]
    return [person for person in everybody if person.pk != subject.requested_by]


def _four_eyes(subject: Subject, needed: int, left: int) -> str:
    if subject.is_open:
        return f"{needed} must agree; without who asked for the run {left} may decide"
    return f"{needed} must agree; when one of those who may decide asks for the run, {left} are left"


def _away(subject: Subject, staff: Staff, left: list["User"], needed: int) -> Iterator[tuple[Problem, str]]:
    if subject.deadline is None or subject.deadline <= staff.now or len(left) < needed:
        return
    there = [person for person in left if not staff.is_away(person, subject.deadline)]
    if len(there) < needed:
        yield (
            "all away",
            f"{needed} must agree until {subject.deadline:%Y-%m-%d %H:%M} UTC; {len(there)} are there",
        )


def _needed(said: ReviewPolicy) -> int:
    if said.quorum != EACH_GROUP:
        return int(said.quorum or 1)
    return len(said.deciders.groups or said.deciders.users) if said.deciders else 1
