"""Standing: whether a link still counts, and why not. All of it follows from what the link is about.

Nothing has to be told to links: the requirement, the log, the delegations and the groups of now say it. What happens
within the hold of a decision and is taken back has not happened (decision 10): a revision that is newer only because
somebody has undone a decision asks the same.
"""

from datetime import datetime
from enum import StrEnum

from django.conf import settings

from hitl_portal.links.models import AnswerLink
from workflows import policy
from workflows.models import Delegation, Requirement
from workflows.types import Action, Answer

HIGH = "high"


class Why(StrEnum):
    """Why a link does not count (any more)."""

    UNKNOWN = "unknown"  # no link of ours, or one that was forgotten
    OFF = "off"  # such questions are not answered by links
    USED = "used"  # its person has answered by it
    DECIDED = "decided"  # somebody else has decided, or its person by another way
    WITHDRAWN = "withdrawn"  # the run ended before anybody decided
    CHANGED = "changed"  # what is asked has changed
    HANDED_ON = "handed on"  # it was given to somebody else
    NOT_THEIRS = "not theirs"  # its person may not decide it any more
    EXPIRED = "expired"


class Dead(Exception):
    """The link does not count: `why` says for which reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"The link does not count: {why}")
        self.why = why


def why_not(link: AnswerLink, now: datetime) -> Why | None:
    """Why a link does not count; None: it does. Up to four queries and those of `policy`."""
    return (
        _of_its_question(link)
        or _of_its_person(link, now)
        or (Why.EXPIRED if now >= link.expires_at else None)
    )


def allows_links(requirement: Requirement) -> bool:
    """Whether such a question is answered by links at all: not what needs more than to have been sent one."""
    if requirement.risk == HIGH or policy.admins_only(requirement):
        return False
    is_signed = policy.needs_signature(requirement, Answer(action=Action.approve))
    return bool(settings.HITL_ANSWER_LINKS) and not is_signed


def asks_the_same(requirement: Requirement, revision: int) -> bool:
    """Whether every revision since that one came of a decision that was taken back; a query where there are any."""
    newer = requirement.revision - revision
    if newer <= 0:
        return newer == 0
    undone = requirement.events.filter(type="DecisionUndone", data__revision__gte=revision)
    return undone.count() == newer


def _of_its_question(link: AnswerLink) -> Why | None:
    requirement = link.requirement
    if link.decision_id is not None:
        return Why.USED
    if requirement.status == Requirement.Status.WITHDRAWN:
        return Why.WITHDRAWN
    if not requirement.is_open:
        # A run that was cancelled withdraws what was decided too; applied or decided, somebody has answered.
        return Why.DECIDED
    if not asks_the_same(requirement, link.revision):
        return Why.CHANGED
    return None if allows_links(requirement) else Why.OFF


def _of_its_person(link: AnswerLink, now: datetime) -> Why | None:
    if not policy.may_decide(link.person, link.requirement):
        return Why.NOT_THEIRS
    return Why.HANDED_ON if _was_assigned_away(link) or _was_delegated(link, now) else None


def _was_assigned_away(link: AnswerLink) -> bool:
    """Whether somebody else was to decide it since: also where they gave it back."""
    since = link.requirement.events.filter(type="RequirementAssigned", created_at__gte=link.issued_at)
    return any(data.get("to") != link.person.get_username() for data in since.values_list("data", flat=True))


def _was_delegated(link: AnswerLink, now: datetime) -> bool:
    """Whether its person has a deputy since."""
    deputised = Delegation.objects.filter(
        person=link.person_id, deputy__isnull=False, ends_at__gt=link.issued_at
    )
    began = [max(row.starts_at, row.created_at) for row in deputised]
    return any(link.issued_at < moment for moment in began if moment <= now)
