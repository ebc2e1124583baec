"""The answers with which a run goes on: yes, a choice, a changed output, once more after an error."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hitl_portal.inbox.subject import REVIEWS, Subject
from hitl_portal.inbox.tool_words import with_tool
from hitl_portal.inbox.verbs import Verb, listed, named
from workflows.types import Action, RequirementKind, StepType

FEW_ROUTES = 4  # so many are buttons of their own


def forward(subject: Subject) -> list[Verb]:
    """Every way on, the plain one first."""
    if subject.tool is not None:
        return with_tool(subject, subject.tool)
    if subject.kind == RequirementKind.error:
        return [_try_again(subject), _skip_failure(subject)]
    if subject.kind == RequirementKind.route:
        return _choose(subject)
    if subject.kind in REVIEWS:
        return [_accept(subject), _edit(subject)]
    if subject.kind == RequirementKind.user_input:
        label = _("Approve and send") if subject.details.get("confirm") else _("Send")
        return [_yes(label, _("“%(step)s” runs with these values.") % {"step": named(subject.step)}, subject)]
    return [CONFIRMATIONS.get(subject.step_type, _run_step)(subject)]


def offers_buttons(subject: Subject) -> bool:
    """Each route is a button: one press chooses it."""
    return not subject.details.get("allow_multiple") and len(subject.details["choices"]) <= FEW_ROUTES


def _yes(label: str, consequence: str, subject: Subject, key: str = "") -> Verb:
    if subject.node.get("irreversible"):
        consequence = _("%(consequence)s It cannot be undone.") % {"consequence": consequence}
    return Verb(action=Action.approve, label=label, consequence=consequence, tone="primary", key=key)


def _run_step(subject: Subject) -> Verb:
    consequence = _("“%(step)s” runs and the run goes on.") % {"step": named(subject.step)}
    return _yes(_("Approve"), consequence, subject, "a")


def _run_steps(subject: Subject) -> Verb:
    consequence = _("These run, one after another: %(steps)s.") % {"steps": listed(subject.inside)}
    return _yes(_("Approve"), consequence, subject, "a")


def _run_parallel(subject: Subject) -> Verb:
    consequence = _("These run side by side: %(steps)s.") % {"steps": listed(subject.inside)}
    return _yes(_("Approve"), consequence, subject, "a")


def _run_loop(subject: Subject) -> Verb:
    most = subject.node.get("max_iterations", 0)
    consequence = ngettext(
        "One iteration runs: %(steps)s.", "Up to %(most)d iterations run: %(steps)s.", most
    ) % {"most": most, "steps": listed(subject.inside)}
    return _yes(_("Approve"), consequence, subject, "a")


def _run_if(subject: Subject) -> Verb:
    steps = subject.branch("if") or []
    label = _("Yes: run the if branch")
    return _yes(label, _("These run: %(steps)s.") % {"steps": listed(steps)}, subject, "a")


def _run_route(subject: Subject) -> Verb:
    proposal = subject.details.get("proposal") or ()
    if subject.chosen_by_hand:
        return _yes(_("Approve"), _("Next, somebody is asked which route to take."), subject, "a")
    if not proposal:
        return _yes(_("Approve"), _("No route is proposed: the run goes on without any."), subject, "a")
    consequence = _("These run: %(steps)s.") % {"steps": listed(proposal)}
    return _yes(_("Approve the proposal"), consequence, subject, "a")


CONFIRMATIONS: dict[str, Callable[[Subject], Verb]] = {
    StepType.STEPS: _run_steps,
    StepType.PARALLEL: _run_parallel,
    StepType.LOOP: _run_loop,
    StepType.CONDITION: _run_if,
    StepType.ROUTER: _run_route,
}


def _choose(subject: Subject) -> list[Verb]:
    if not offers_buttons(subject):
        several = bool(subject.details.get("allow_multiple"))
        consequence = _("What you ticked runs, in this order.") if several else _("What you chose runs.")
        return [_yes(_("Choose"), consequence, subject)]
    return [
        Verb(
            action=Action.approve,
            label=named(choice["name"]),
            consequence=choice.get("description") or _("“%(step)s” runs.") % {"step": named(choice["name"])},
            choice=choice["name"],
        )
        for choice in subject.details["choices"]
    ]


def _accept(subject: Subject) -> Verb:
    if subject.kind == RequirementKind.iteration_review:
        consequence = _("“%(step)s” ends with this output and the run goes on.") % {
            "step": named(subject.step)
        }
        return _yes(_("Accept and leave the loop"), consequence, subject, "a")
    consequence = _("The output is accepted as it is and the run goes on.")
    return Verb(action=Action.approve, label=_("Approve"), consequence=consequence, tone="primary", key="a")


def _edit(subject: Subject) -> Verb:
    consequence = _("Your version replaces the output and the run goes on.")
    if subject.kind == RequirementKind.iteration_review:
        consequence = _("“%(step)s” ends with your version and the run goes on.") % {
            "step": named(subject.step)
        }
    return Verb(action=Action.edit, label=_("Approve with my changes"), consequence=consequence)


def _try_again(subject: Subject) -> Verb:
    consequence = _("“%(step)s” runs once more with the same input.") % {"step": named(subject.step)}
    return Verb(action=Action.retry, label=_("Try again"), consequence=consequence, tone="primary")


def _skip_failure(subject: Subject) -> Verb:
    consequence = _("The run goes on without “%(step)s”.") % {"step": named(subject.step)}
    return Verb(action=Action.skip, label=_("Skip the step"), consequence=consequence)
