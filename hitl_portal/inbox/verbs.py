"""The answers that a requirement allows, each with its label and what it causes, in plain words.

Everything here is said from the requirement's own policy, never from text that a workflow or model wrote.
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from workflows.models import Requirement
from workflows.types import Action, OnReject, RequirementKind

REVIEWS = (RequirementKind.output_review, RequirementKind.iteration_review)
QUICK = (RequirementKind.confirmation, *REVIEWS)


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One possible answer. `key` presses it; `needs_feedback` where an answer without words helps nobody."""

    action: Action
    label: str
    consequence: str
    tone: Literal["primary", "plain", "danger"] = "plain"
    key: str = ""
    needs_feedback: bool = False


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How often a reviewed output was made, and how often it may be. `of` is None without a limit."""

    number: int
    of: int | None

    @property
    def is_last(self) -> bool:
        """Nobody may ask for changes any more."""
        return self.of is not None and self.number >= self.of


def attempts_of(requirement: Requirement) -> Attempts | None:
    """The count, where asking for changes is possible at all."""
    details = requirement.details
    if details.get("on_reject") != OnReject.retry:
        return None
    limit = details.get("max_retries")
    return Attempts(number=details.get("retry_count", 0) + 1, of=None if limit is None else limit + 1)


def verbs_of(requirement: Requirement) -> list[Verb]:
    """Everything that may be answered, the way forward first."""
    kind = RequirementKind(requirement.kind)
    step = requirement.step_name
    if kind is RequirementKind.error:
        return _after_error(step)
    forward = [_approve(kind, requirement)]
    if kind in REVIEWS:
        forward.append(_edit())
    return forward + _refusals(kind, requirement)


def _approve(kind: RequirementKind, requirement: Requirement) -> Verb:
    label, consequence = _("Approve"), _("“%(step)s” runs and the run goes on.")
    if kind in REVIEWS:
        consequence = _("The output is accepted as it is and the run goes on.")
    elif kind is RequirementKind.user_input:
        label = _("Approve and send") if requirement.details.get("confirm") else _("Send")
        consequence = _("“%(step)s” runs with these values.")
    elif kind is RequirementKind.route:
        label, consequence = _("Choose"), _("The run goes on with what you chose.")
    return Verb(
        action=Action.approve,
        label=label,
        consequence=consequence % {"step": requirement.step_name},
        tone="primary",
        key="a" if kind in QUICK else "",
    )


def _edit() -> Verb:
    return Verb(
        action=Action.edit,
        label=_("Approve with my changes"),
        consequence=_("Your version replaces the output and the run goes on."),
    )


def _refusals(kind: RequirementKind, requirement: Requirement) -> list[Verb]:
    policy = OnReject(requirement.details.get("on_reject", OnReject.skip))
    match policy:
        case OnReject.retry:
            attempts = attempts_of(requirement)
            again = [] if attempts and attempts.is_last else [_again(kind, requirement.step_name)]
            return [*again, _end()]
        case OnReject.cancel:
            return [_end()]
        case OnReject.else_branch if requirement.details.get("step_type") == "Condition":
            return [_reject(_("Reject"), _("The other branch of the condition runs."))]
        case _:
            return [_skip(kind, requirement.step_name)]


def _again(kind: RequirementKind, step: str) -> Verb:
    if kind in REVIEWS:
        label, consequence = (
            _("Request changes"),
            _("“%(step)s” runs again with your words, and you review it anew."),
        )
    else:
        label, consequence = (
            _("Reject and ask again"),
            _("“%(step)s” does not run; this is asked again with your words."),
        )
    return Verb(
        action=Action.reject, label=label, consequence=consequence % {"step": step}, needs_feedback=True
    )


def _skip(kind: RequirementKind, step: str) -> Verb:
    if kind in REVIEWS:
        return _reject(_("Reject and skip"), _("The output is dropped; the run goes on without it."))
    return _reject(
        _("Reject and skip"), _("“%(step)s” does not run; the run goes on without it.") % {"step": step}
    )


def _reject(label: str, consequence: str) -> Verb:
    return Verb(action=Action.reject, label=label, consequence=consequence, tone="danger")


def _end() -> Verb:
    return Verb(
        action=Action.cancel,
        label=_("Reject and end the run"),
        consequence=_("The run ends as cancelled; nothing after this runs."),
        tone="danger",
    )


def _after_error(step: str) -> list[Verb]:
    words: dict[str, Any] = {"step": step}
    return [
        Verb(
            action=Action.retry,
            label=_("Try again"),
            consequence=_("“%(step)s” runs once more with the same input.") % words,
            tone="primary",
        ),
        Verb(
            action=Action.skip,
            label=_("Skip the step"),
            consequence=_("The run goes on without “%(step)s”.") % words,
        ),
        Verb(
            action=Action.cancel,
            label=_("End the run"),
            consequence=_("The run ends as cancelled; nothing after this runs."),
            tone="danger",
        ),
    ]
