"""The answers that say no: what each causes is the step's `on_reject`, which differs with what is asked."""

from typing import Any

from django.utils.translation import gettext as _

from hitl_portal.inbox.subject import Subject
from hitl_portal.inbox.tool_words import told_no
from hitl_portal.inbox.verbs import Verb, listed, named
from workflows.types import Action, OnReject, RequirementKind, StepType


def refusals(subject: Subject) -> list[Verb]:
    """Every no, the mildest first."""
    if subject.tool is not None:
        return [_reject_to(_("Reject"), told_no(subject.kind, subject.tool)), _end(_("End the run"))]
    if subject.kind == RequirementKind.error:
        return [_end(_("End the run"))]
    match subject.on_reject:
        case OnReject.retry:
            is_last = subject.attempts is not None and subject.attempts.is_last
            # To be asked for the same choice again helps nobody.
            once_more = [] if is_last or subject.kind == RequirementKind.route else [_again(subject)]
            return [*once_more, _ends()]
        case OnReject.cancel:
            return [_ends()]
        case OnReject.else_branch if subject.step_type == StepType.CONDITION:
            return [_run_else(subject)]
        case _:
            return [_skip(subject)]


def at_the_limit(subject: Subject) -> str:
    """What stands in the place of "once more" when there is no more; empty before that."""
    if subject.kind == RequirementKind.route or subject.attempts is None or not subject.attempts.is_last:
        return ""
    if subject.kind == RequirementKind.iteration_review:
        return _("This was the last iteration that may be asked for: accept it, change it, or end the run.")
    if subject.step_type == StepType.ROUTER:
        return _("This is the last attempt: another route can no longer be chosen.")
    if subject.is_review:
        return _("This is the last attempt: changes can no longer be requested.")
    return _("This is asked for the last time: a no ends the run.")


def _again(subject: Subject) -> Verb:
    """Once more, in the words of what is asked."""
    step = {"step": named(subject.step)}
    if subject.kind == RequirementKind.iteration_review:
        return _iterate(subject)
    if subject.step_type == StepType.ROUTER and subject.is_review:
        consequence = _("A route is chosen anew and runs with your words; then you review again.")
        return _reject_to(_("Choose another route"), _counted(consequence, subject))
    if subject.step_type == StepType.ROUTER:
        consequence = _("The proposal does not run; next, somebody is asked which route to take.")
        return _reject_to(_("Choose another route"), consequence)
    if subject.is_review:
        consequence = _("“%(step)s” runs again with your words, and you review it anew.") % step
        return _reject_to(_("Request changes"), _counted(consequence, subject), needs_feedback=True)
    consequence = _("“%(step)s” does not run; this is asked again with your words.") % step
    return _reject_to(_("Reject and ask again"), _counted(consequence, subject), needs_feedback=True)


def _counted(consequence: str, subject: Subject) -> str:
    """With which attempt that will be, and what is no longer possible at the last one."""
    attempts = subject.attempts
    if attempts is None or attempts.of is None:
        return consequence
    text = _("%(consequence)s That is attempt %(number)d of %(of)d.")
    if attempts.number + 1 == attempts.of:
        text = _("%(consequence)s That is attempt %(number)d of %(of)d, the last: a no to it ends the run.")
    return text % {"consequence": consequence, "number": attempts.number + 1, "of": attempts.of}


def _iterate(subject: Subject) -> Verb:
    words = {
        "number": subject.details.get("retry_count", 0) + 2,
        "of": subject.node.get("max_iterations"),
    }
    consequence = _("Iteration %(number)d runs with your words, and you review it anew.")
    if words["of"]:
        consequence = _("Iteration %(number)d of %(of)d runs with your words, and you review it anew.")
    if subject.ends_unreviewed:
        consequence = _("Iteration %(number)d of %(of)d runs with your words. It is the last: not reviewed.")
    return _reject_to(_("Request changes"), consequence % words, needs_feedback=True)


def _run_else(subject: Subject) -> Verb:
    steps = subject.branch("else")
    if steps:
        consequence = _("These run: %(steps)s.") % {"steps": listed(steps)}
        return _reject_to(_("No: run the else branch"), consequence)
    if subject.node:
        consequence = _("There is no else branch: nothing of it runs and the run goes on.")
        return _reject_to(_("No: skip it"), consequence, tone="danger")
    return _reject_to(_("No"), _("The other branch of the condition runs."))


def _skip(subject: Subject) -> Verb:
    step = {"step": named(subject.step)}
    consequence = _("“%(step)s” does not run; the run goes on without it.") % step
    label = _("Reject and skip")
    if subject.kind == RequirementKind.iteration_review:
        consequence = _("“%(step)s” ends and its output is dropped; the run goes on without it.") % step
    elif subject.is_review:
        consequence = _("The output is dropped; the run goes on without it.")
    elif subject.kind == RequirementKind.route:
        label, consequence = _("Take no route"), _("None of them runs; the run goes on.")
    elif subject.step_type == StepType.CONDITION:
        label, consequence = _("No: skip both branches"), _("Neither branch runs; the run goes on.")
    return _reject_to(label, consequence, tone="danger")


def _reject_to(label: str, consequence: str, **more: Any) -> Verb:
    return Verb(action=Action.reject, label=label, consequence=consequence, **more)


def _ends() -> Verb:
    return _end(_("Reject and end the run"))


def _end(label: str) -> Verb:
    consequence = _("The run ends as cancelled; nothing after this runs.")
    return Verb(action=Action.cancel, label=label, consequence=consequence, tone="danger")
