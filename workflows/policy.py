"""Who may do what: the rules that services check at commit and workers at resume.

Where a requirement's policy names who decides, they alone do; where it names nobody, reviewers and admins do. Admins
cancel; requesters see and cancel what they asked for. `hitl_portal.access` asks here for what pages may show.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings

from workflows.delegations import Delegation, absent_for
from workflows.due import escalated
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.people import ADMINS, REVIEWERS, groups_of, is_admin, is_reviewer
from workflows.types import Action, Answer, Circle, ReviewPolicy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "ADMINS",
    "REVIEWERS",
    "admins_only",
    "counts",
    "fits",
    "groups_of",
    "is_admin",
    "is_own",
    "is_reviewer",
    "machine_may_decide",
    "may_assign",
    "may_cancel",
    "may_decide",
    "named_in",
    "needs_signature",
    "qualifies",
    "script_may_decide",
    "voice",
]


def may_decide(person: "User | None", requirement: Requirement) -> bool:
    """Whether this person's answer counts for this requirement; asks who they are a deputy of only where it must."""
    return voice(person, requirement) is not None


def voice(
    person: "User | None", requirement: Requirement, taken: Collection[int | None] = ()
) -> "User | None":
    """Whose answer this person's is: their own, or that of somebody whose deputy they are; None: it does not count.

    `taken` are those who have been heard already, by id: nobody is heard twice through a deputy.
    """
    if person is None or not person.is_active or _asked_for(person, requirement):
        return None
    if qualifies(person, requirement):
        return person
    if admins_only(requirement):
        return None
    for absent in absent_for(person):
        if absent.pk not in taken and qualifies(absent, requirement) and not _asked_for(absent, requirement):
            return absent
    return None


def qualifies(person: "User", requirement: Requirement) -> bool:
    """Whether the policy names this person, or nobody and they are somebody who decides; four-eyes apart."""
    if admins_only(requirement):
        return is_admin(person)
    return fits(person, requirement.review_policy, escalated(requirement))


def fits(person: "User", said: ReviewPolicy, also: Circle) -> bool:
    """Whether a policy names this person, or `also` does; where the policy names nobody, whether they decide at all."""
    if named_in(said.deciders or Circle(), person) or named_in(also, person):
        return True
    return said.deciders is None and is_reviewer(person)


def named_in(circle: Circle, person: "User") -> bool:
    """Whether an active person is one of these people."""
    if not (circle and person.is_active):
        return False
    return person.get_username() in circle.users or not groups_of(person).isdisjoint(circle.groups)


def counts(decision: Decision, requirement: Requirement) -> bool:
    """Whether an answer that was given still counts: who gave it may still decide.

    What a deputy said while they were one counts after that too, unless the delegation was revoked.
    """
    person, absent = decision.person, decision.on_behalf_of
    if person is None:  # the timer's, or a script's: they were let then
        return True
    if not person.is_active or _asked_for(person, requirement):
        return False
    if absent is None:
        return qualifies(person, requirement)
    if _asked_for(absent, requirement) or not (absent.is_active and qualifies(absent, requirement)):
        return False
    held = Delegation.objects.using(decision._state.db).current(decision.decided_at)
    return held.filter(person=absent.pk, deputy=person.pk).exists()


def admins_only(requirement: Requirement) -> bool:
    """A call of a tool whose author asks for an admin's approval."""
    tool = requirement.details.get("tool") or {}
    return bool(tool.get("approval") == "required")


def script_may_decide(requirement: Requirement) -> bool:
    """Whether a script that continues a run may answer for people (decision 8): not where it is about certain ones."""
    return not (requirement.review_policy.is_bound or admins_only(requirement))


def machine_may_decide(requirement: Requirement) -> bool:
    """Whether a machine that acts for a person may decide: not where the eyes of people are what is asked for."""
    said = requirement.review_policy
    return not (said.four_eyes or said.needs_several or said.risk == "high" or admins_only(requirement))


def needs_signature(requirement: Requirement, answer: Answer) -> bool:
    """Whether a person's answer counts only with the signature of their passkey: where HITL_SIGNED_DECISIONS says
    `all`, or `high-risk` and this is a yes to one. A no to a high risk is always free."""
    asked = getattr(settings, "HITL_SIGNED_DECISIONS", "off")
    if asked == "high-risk":
        return requirement.risk == "high" and answer.action not in (Action.reject, Action.cancel)
    return bool(asked != "off")  # a word that nobody knows opens nothing


def is_own(person: "User | None", requirement: Requirement) -> bool:
    """Whether this person asked for the run."""
    return person is not None and requirement.run.requested_by_id == person.pk


def may_assign(person: "User | None", requirement: Requirement) -> bool:
    """Whether this person may say who works on it: admins, and whoever could decide it themselves."""
    return is_admin(person) or may_decide(person, requirement)


def may_cancel(person: "User | None", run: WorkflowRun) -> bool:
    """Whether this person may end this run: admins, and whoever asked for it."""
    return is_admin(person) or (person is not None and person.is_active and run.requested_by_id == person.pk)


def _asked_for(person: "User", requirement: Requirement) -> bool:
    """Four eyes: who asked for the run has no say in it."""
    return bool(requirement.review_policy.four_eyes) and requirement.run.requested_by_id == person.pk
