"""Problems: the rules by which a policy can never be fulfilled with those who are there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from workflows.coverage.finding import Problem, Subject
from workflows.coverage.staff import Staff
from workflows.types import Circle, ReviewPolicy
from workflows.types.review_policy import EACH_GROUP

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Found = Iterator[tuple[Problem, str]]
MINUTE = "%Y-%m-%d %H:%M"


def problems(subject: Subject, staff: Staff) -> Found:
    """What is wrong, each with a sentence that says it."""
    yield from _names(subject.policy.deciders or Circle(), staff)
    yield from _escalations(subject.policy, staff)
    if subject.policy.deciders and subject.policy.deciders.by_input:
        return  # who that will be is known when it is asked
    everybody = staff.eligible(subject)
    left, needed = _without_requester(everybody, subject), _needed(subject.policy)
    if found := _too_few(subject, len(everybody), len(left), needed):
        yield found
    if len(left) >= needed:
        yield from _away(subject, staff, left, needed)
        yield from _after_hours(subject, staff)


def _names(named: Circle, staff: Staff) -> Found:
    for group in named.groups:
        if not staff.has_members(group):
            yield "empty group", _("Nobody is in the group '%(group)s'") % {"group": group}
    for name in named.users:
        if not staff.knows(name):
            yield "not there", _("'%(name)s' is switched off, or there is no such person") % {"name": name}


def _escalations(said: ReviewPolicy, staff: Staff) -> Found:
    for step in said.escalate or ():
        if not staff.reaches(step.circle):
            names = ", ".join((*step.circle.groups, *step.circle.users))
            yield (
                "escalation to nobody",
                _("It is escalated to nobody who is there: %(names)s") % {"names": names},
            )


def _too_few(subject: Subject, everybody: int, left: int, needed: int) -> tuple[Problem, str] | None:
    numbers = {"needed": needed, "everybody": everybody, "left": left}
    if not everybody:
        return "nobody", _("Nobody may decide it")
    if everybody < needed:
        return "quorum too large", _("%(needed)d must agree, and %(everybody)d may decide") % numbers
    if left < needed:
        return "four eyes", _four_eyes(subject) % numbers
    if needed + (subject.policy.rejections or 1) - 1 > left:
        split = _("%(left)d may decide: they can disagree so that neither side has enough")
        return "split votes", split % numbers
    return None


def _four_eyes(subject: Subject) -> str:
    if subject.is_open:
        return _("%(needed)d must agree; without who asked for the run %(left)d may decide")
    return _("%(needed)d must agree; when one of those who may decide asks for the run, %(left)d are left")


def _without_requester(everybody: list["User"], subject: Subject) -> list["User"]:
    """Who is left under four eyes; of a workflow, when one of those who may decide asks for the run."""
    if not subject.policy.four_eyes:
        return everybody
    if not subject.is_open:
        return everybody[1:]
    return [person for person in everybody if person.pk != subject.requested_by]


def _away(subject: Subject, staff: Staff, left: list["User"], needed: int) -> Found:
    if subject.deadline is None or subject.deadline <= staff.now:
        return
    there = sum(not staff.is_away(person, subject.deadline) for person in left)
    if there < needed:
        until = _("%(needed)d must agree until %(until)s UTC; %(there)d are there")
        yield "all away", until % {"needed": needed, "until": f"{subject.deadline:{MINUTE}}", "there": there}


def _after_hours(subject: Subject, staff: Staff) -> Found:
    """Nobody is at work before the waiting ends."""
    hours, end = subject.policy.business_hours, subject.timeout_at
    if hours is None or end is None or end <= staff.now:
        return
    begin = hours.after(staff.now, 1)
    if begin > end:
        said = _("It ends on %(end)s UTC, and working time begins on %(begin)s UTC")
        yield "after hours", said % {"end": f"{end:{MINUTE}}", "begin": f"{begin:{MINUTE}}"}


def _needed(said: ReviewPolicy) -> int:
    if said.quorum != EACH_GROUP:
        return int(said.quorum or 1)
    return len(said.deciders.groups or said.deciders.users) if said.deciders else 1
