"""The portal's words: one name for each kind, status and answer, and times as people say them."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.models import Decision, Requirement
from workflows.types import Action, Answer, OnReject, OnTimeout, RequirementKind, RunStatus

register = template.Library()

LONGEST_HEADLINE = 140
SOON = timedelta(hours=1)

KINDS = {
    RequirementKind.confirmation: gettext_lazy("Approval"),
    RequirementKind.user_input: gettext_lazy("Input"),
    RequirementKind.route: gettext_lazy("Choice"),
    RequirementKind.output_review: gettext_lazy("Review"),
    RequirementKind.iteration_review: gettext_lazy("Review"),
    RequirementKind.error: gettext_lazy("Error"),
    RequirementKind.feedback: gettext_lazy("Feedback"),
}
QUESTIONS = {
    RequirementKind.user_input: gettext_lazy("“%(step)s” needs your input"),
    RequirementKind.route: gettext_lazy("Choose how “%(step)s” goes on"),
    RequirementKind.output_review: gettext_lazy("Review the output of “%(step)s”"),
    RequirementKind.iteration_review: gettext_lazy("Review this round of “%(step)s”"),
    RequirementKind.error: gettext_lazy("“%(step)s” failed. What now?"),
}
STATUSES = {
    RunStatus.pending: gettext_lazy("Queued"),
    RunStatus.running: gettext_lazy("Running"),
    RunStatus.paused: gettext_lazy("Waits for people"),
    RunStatus.completed: gettext_lazy("Completed"),
    RunStatus.cancelled: gettext_lazy("Cancelled"),
    RunStatus.error: gettext_lazy("Failed"),
    RunStatus.definition_changed: gettext_lazy("Definition changed"),
    RunStatus.regenerated: gettext_lazy("Replaced"),
}
ANSWERS = {
    Action.approve: gettext_lazy("approved"),
    Action.edit: gettext_lazy("approved with changes"),
    Action.reject: gettext_lazy("rejected"),
    Action.retry: gettext_lazy("tried again"),
    Action.skip: gettext_lazy("skipped the step"),
    Action.cancel: gettext_lazy("ended the run"),
}
SILENCE = {
    OnTimeout.approve: gettext_lazy("approved by itself"),
    OnTimeout.reject: gettext_lazy("rejected by itself"),
    OnTimeout.skip: gettext_lazy("the step is skipped"),
    OnTimeout.cancel: gettext_lazy("the run ends"),
}


@register.filter
def kind_name(kind: str) -> str:
    """What a requirement asks for, in one word."""
    return str(KINDS.get(RequirementKind(kind), kind.replace("_", " ").capitalize()))


@register.filter
def status_name(status: str) -> str:
    """Where a run stands."""
    return str(STATUSES[RunStatus(status)])


@register.filter
def headline(requirement: Requirement) -> str:
    """The first line of what is asked; a sentence of ours where the author wrote none."""
    first = requirement.message.strip().partition("\n")[0]
    if not first:
        question = QUESTIONS.get(RequirementKind(requirement.kind), gettext_lazy("May “%(step)s” run?"))
        return str(question) % {"step": requirement.step_name}
    return first if len(first) <= LONGEST_HEADLINE else first[: LONGEST_HEADLINE - 1] + "…"


@register.filter
def rest(requirement: Requirement) -> str:
    """What is asked beyond the headline."""
    message = requirement.message.strip()
    first, _newline, more = message.partition("\n")
    return more.strip() if len(first) <= LONGEST_HEADLINE else message


@register.filter
def answered(decision: Decision, requirement: Requirement) -> str:
    """What somebody did: "approved", "asked for changes"."""
    action = Action(decision.action)
    if action is Action.reject and requirement.details.get("on_reject") == OnReject.retry:
        return _("asked for changes")
    if action is Action.approve and requirement.kind == RequirementKind.user_input:
        return _("answered")
    if action is Action.approve and requirement.kind == RequirementKind.route:
        return _("chose")
    return str(ANSWERS[action])


@register.filter
def answer_of(decision: Decision) -> Answer:
    """The answer as it was given: values, choices, changed content."""
    return Answer.from_dict(decision.answer)


@register.filter
def silence(requirement: Requirement) -> str:
    """What happens when nobody answers in time."""
    return str(SILENCE[OnTimeout(requirement.details.get("on_timeout") or OnTimeout.cancel)])


@register.inclusion_tag("parts/moment.html")
def moment(at: datetime | None, exact: bool = False) -> dict[str, Any]:
    """A time as its age, with the exact time on hover; `exact` turns the two around."""
    return {"at": at, "age": _age(at) if at else "", "exact": exact}


def _age(at: datetime) -> str:
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, depth=1)}


@register.inclusion_tag("inbox/_deadline.html")
def deadline(requirement: Requirement) -> dict[str, Any]:
    """A chip that says how long there is, and what happens then; nothing where there is no deadline."""
    at = requirement.timeout_at
    if at is None or not requirement.is_open:
        return {}
    left = at - timezone.now()
    urgency = "over" if left <= timedelta(0) else "soon" if left < SOON else "later"
    return {"at": at, "left": timeuntil(at, depth=1), "urgency": urgency, "silence": silence(requirement)}


@register.filter
def duration(record: Any) -> str:
    """How long a step or run took, short; empty while it goes on."""
    if not record.finished_at:
        return ""
    started = getattr(record, "started_at", None) or record.created_at
    seconds = (record.finished_at - started).total_seconds()
    if seconds < 1:
        return _("%(number)d ms") % {"number": seconds * 1000}
    if seconds < 60:
        return _("%(number).1f s") % {"number": seconds}
    return timesince(started, record.finished_at, depth=1)
