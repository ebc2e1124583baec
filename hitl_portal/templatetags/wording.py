"""The portal's words: one name for each kind, status and answer, and times as people say them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.counting import in_words
from hitl_portal.evidence.revealing import revealed
from hitl_portal.places import BRANCH, ITERATION, TRY, Place
from workflows.models import Decision, Requirement
from workflows.services import answer_of_silence
from workflows.types import Action, Answer, OnReject, OnTimeout, RequirementKind, RunStatus, StepType

register = template.Library()

LONGEST_HEADLINE = 140
NEAR = {"now": timedelta(minutes=5), "soon": timedelta(hours=1)}
# Many languages bend "2 days" after "ago" and "in".
AGO, FROM_NOW = NaturalTimeFormatter.past_substrings, NaturalTimeFormatter.future_substrings

KINDS = {
    RequirementKind.confirmation: gettext_lazy("Approval"),
    RequirementKind.user_input: gettext_lazy("Input"),
    RequirementKind.route: gettext_lazy("Choice"),
    RequirementKind.output_review: gettext_lazy("Review"),
    RequirementKind.iteration_review: gettext_lazy("Review"),
    RequirementKind.error: gettext_lazy("Error"),
    RequirementKind.tool_confirmation: gettext_lazy("Tool approval"),
    RequirementKind.tool_input: gettext_lazy("Tool input"),
    RequirementKind.external_execution: gettext_lazy("Result wanted"),
    RequirementKind.feedback: gettext_lazy("Questions"),
}
QUESTIONS: dict[str, Any] = {
    RequirementKind.user_input: gettext_lazy("“%(step)s” needs your input"),
    RequirementKind.route: gettext_lazy("Choose how “%(step)s” goes on"),
    RequirementKind.output_review: gettext_lazy("Review the output of “%(step)s”"),
    RequirementKind.iteration_review: gettext_lazy("Is “%(step)s” good enough?"),
    RequirementKind.error: gettext_lazy("“%(step)s” failed. What now?"),
}
ABOUT_TOOLS: dict[str, Any] = {
    RequirementKind.tool_confirmation: gettext_lazy("May “%(who)s” use “%(tool)s”?"),
    RequirementKind.tool_input: gettext_lazy("“%(who)s” needs input for “%(tool)s”"),
    RequirementKind.external_execution: gettext_lazy("“%(who)s” needs the result of “%(tool)s”"),
    RequirementKind.feedback: gettext_lazy("“%(who)s” has questions"),
}
MAY_RUN: dict[str, Any] = {
    StepType.STEP: gettext_lazy("May “%(step)s” run?"),
    StepType.STEPS: gettext_lazy("May “%(step)s” run?"),
    StepType.LOOP: gettext_lazy("May the loop “%(step)s” begin?"),
    StepType.PARALLEL: gettext_lazy("May the branches of “%(step)s” run?"),
    StepType.CONDITION: gettext_lazy("“%(step)s”: yes or no?"),
    StepType.ROUTER: gettext_lazy("May “%(step)s” take this route?"),
}
# What the engine asks where an author wrote nothing: we have better words, and translations.
ENGINES_OWN = re.compile(
    r"Execute (step|steps pipeline|loop|condition|router|parallel steps) '.*'( with selected steps)?\?"
    r"( \(yes=if branch, no=else branch\))?$"
    r"|Select a route from: |Review output of \w+ '.*'\?$|Loop '.*' completed iteration \d+/\d+\. Continue\?$"
    r"|Step '.*' (failed|was cut off)\. Try again, or go on without it\?$"
)
REVIEWS = (RequirementKind.output_review, RequirementKind.iteration_review)
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
# What the same answer is called where it is another thing.
ANSWERS_TO: dict[tuple[str, str], Any] = {
    (Action.approve, RequirementKind.user_input): gettext_lazy("answered"),
    (Action.approve, RequirementKind.route): gettext_lazy("chose"),
    (Action.approve, RequirementKind.iteration_review): gettext_lazy("accepted and left the loop"),
    (Action.edit, RequirementKind.iteration_review): gettext_lazy("left the loop with changes"),
    (Action.edit, RequirementKind.tool_confirmation): gettext_lazy("approved with other arguments"),
    (Action.approve, RequirementKind.tool_input): gettext_lazy("filled it in"),
    (Action.approve, RequirementKind.external_execution): gettext_lazy("gave the result"),
    (Action.approve, RequirementKind.feedback): gettext_lazy("answered"),
}
SILENCE = {
    OnTimeout.approve: gettext_lazy("approved by itself"),
    OnTimeout.reject: gettext_lazy("rejected by itself"),
    OnTimeout.skip: gettext_lazy("the step is skipped"),
    OnTimeout.cancel: gettext_lazy("the run ends"),
}
PLACES: dict[str, Any] = {
    StepType.STEPS: gettext_lazy("steps"),
    StepType.LOOP: gettext_lazy("loop"),
    StepType.PARALLEL: gettext_lazy("side by side"),
    StepType.CONDITION: gettext_lazy("condition"),
    StepType.ROUTER: gettext_lazy("routes"),
    StepType.WORKFLOW: gettext_lazy("workflow"),
}
BRANCHES: dict[str, Any] = {"if": gettext_lazy("If so"), "else": gettext_lazy("Else")}
PLACE_STATES = {
    "ahead": gettext_lazy("ahead"),
    "passed": gettext_lazy("did not run"),
    "waiting": gettext_lazy("waits"),
    "pending": gettext_lazy("about to run"),
    "running": gettext_lazy("under way"),
    "completed": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
    "skipped": gettext_lazy("skipped"),
}


USE_STATES = {
    "asked": gettext_lazy("asked for"),
    "waiting": gettext_lazy("waits"),
    "running": gettext_lazy("under way"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
    "rejected": gettext_lazy("rejected"),
    "refused": gettext_lazy("not possible"),
}


def named(names: Mapping[Any, Any], member: str) -> str:
    """Our word for a member of a closed set; a newer member that has none yet is its own name in words."""
    known = {str(key): name for key, name in names.items()}
    return str(known.get(str(member)) or str(member).replace("_", " ").capitalize())


@register.filter
def counted(number: int) -> str:
    """How many, as far as they were counted."""
    return in_words(number)


@register.filter
def kind_name(kind: str) -> str:
    """What a requirement asks for, in one word."""
    return named(KINDS, kind)


@register.filter
def status_name(status: str) -> str:
    """Where a run stands."""
    return named(STATUSES, status)


@register.filter
def place_name(place: Place) -> str:
    """A place of the tree as people call it."""
    if place.kind == ITERATION:
        return _("Iteration %(number)d") % {"number": place.number}
    if place.kind == TRY:
        return _("Try %(number)d") % {"number": place.number}
    if place.kind == BRANCH:
        return str(BRANCHES.get(place.name, place.name))
    return place.name


@register.filter
def place_kind(place: Place) -> str:
    """What sort of place it is, where that is worth a word; of a loop also how far it is."""
    kind = str(PLACES.get(place.kind, ""))
    if place.kind == StepType.LOOP and place.number:
        text = (
            _("loop, iteration %(number)d of %(most)s")
            if place.is_open
            else _("loop, %(number)d of %(most)s")
        )
        return text % {"number": place.number, "most": place.most}
    return kind


@register.filter
def place_state(place: Place) -> str:
    """Where a place stands, in a word or two."""
    return named(PLACE_STATES, place.state)


@register.filter
def use_state(state: str) -> str:
    """Where a call of an agent stands, in a word or two."""
    return named(USE_STATES, state)


@register.filter
def headline(requirement: Requirement) -> str:
    """The first line of what is asked, laid bare; a sentence of ours where the author wrote none."""
    return revealed(_headline(requirement))


def _headline(requirement: Requirement) -> str:
    if requirement.details.get("tool"):
        return _about_tool(requirement.kind, requirement.details["tool"])
    first = requirement.message.strip().partition("\n")[0]
    if not first or ENGINES_OWN.match(first):
        return _question(requirement)
    return first if len(first) <= LONGEST_HEADLINE else first[: LONGEST_HEADLINE - 1] + "…"


def _question(requirement: Requirement) -> str:
    step_type = str(requirement.details.get("step_type") or StepType.STEP)
    question = QUESTIONS.get(requirement.kind) or MAY_RUN.get(step_type, MAY_RUN[StepType.STEP])
    return str(question) % {"step": requirement.step_name}


def _about_tool(kind: str, tool: Mapping[str, Any]) -> str:
    """Who wants what, of what the engine says of it."""
    question = ABOUT_TOOLS.get(kind, ABOUT_TOOLS[RequirementKind.tool_confirmation])
    who = (tool.get("member") or tool.get("executor") or {}).get("name", "")
    return str(question) % {"who": who, "tool": tool["name"]}


@register.filter
def rest(requirement: Requirement) -> str:
    """What is asked beyond the headline."""
    message = requirement.message.strip()
    if requirement.details.get("tool") or ENGINES_OWN.match(message):
        return ""
    first, _newline, more = message.partition("\n")
    return revealed(more.strip() if len(first) <= LONGEST_HEADLINE else message)


@register.filter
def answered(decision: Decision, requirement: Requirement) -> str:
    """What somebody did: "approved", "asked for changes"."""
    return answer_in_words(decision.action, requirement.kind, requirement.details)


def answer_in_words(action: str, kind: str, details: Mapping[str, Any]) -> str:
    """What an answer was, as a verb in the past."""
    on_reject, step_type = details.get("on_reject"), details.get("step_type")
    if details.get("tool"):
        return str(ANSWERS_TO.get((action, kind)) or named(ANSWERS, action))
    if action == Action.reject and on_reject == OnReject.else_branch and step_type == StepType.CONDITION:
        return _("said no: the else branch runs")
    if action == Action.reject and on_reject == OnReject.retry:
        if step_type == StepType.ROUTER:
            return _("asked for another route")
        return _("asked for changes") if kind in REVIEWS else _("rejected, to be asked again")
    return str(ANSWERS_TO.get((action, kind)) or named(ANSWERS, action))


@register.filter
def answer_of(decision: Decision) -> Answer:
    """The answer as it was given: values, choices, changed content."""
    return Answer.from_dict(decision.answer)


@register.filter
def silence(requirement: Requirement) -> str:
    """What happens when nobody answers in time."""
    action = str(answer_of_silence(requirement).action)
    return named(SILENCE, action if action in set(OnTimeout) else OnTimeout.cancel)


@register.inclusion_tag("parts/moment.html")
def moment(at: datetime | None, exact: bool = False) -> dict[str, Any]:
    """A time as its age, with the exact time on hover; `exact` turns the two around."""
    return {"at": at, "age": _age(at) if at else "", "exact": exact}


def _age(at: datetime) -> str:
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, depth=1, time_strings=AGO)}


@register.inclusion_tag("inbox/_deadline.html")
def deadline(requirement: Requirement) -> dict[str, Any]:
    """A chip that says how long there is, and what happens then; nothing where there is no deadline."""
    at = requirement.timeout_at
    if at is None or not requirement.is_open:
        return {}
    left = at - timezone.now()
    urgency = (
        "over"
        if left <= timedelta(0)
        else next((name for name, less in NEAR.items() if left < less), "later")
    )
    return {
        "at": at,
        "left": timeuntil(at, depth=1, time_strings=FROM_NOW),
        "seconds": max(0, round(left.total_seconds())),
        "urgency": urgency,
        "silence": silence(requirement),
    }


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
        return _("%(number)s s") % {"number": number_format(seconds, 1)}
    return timesince(started, record.finished_at, depth=1)
