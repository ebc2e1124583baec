"""Bulk: one answer for several items that are alike, and what became of each.

Alike is what the same step of the same workflow asks in the same way, with the same answers to choose from. Each item
is decided by itself, from the revision that was listed; nothing about one changes what happens to the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.verbs import Verb
from hitl_portal.inbox.zone import HIGH
from hitl_portal.refused import in_words
from workflows import policy, services
from workflows.errors import DecisionRefused
from workflows.ids import id_in
from workflows.models import Decision, Requirement
from workflows.types import Action, Answer, RequirementKind

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

MOST = 100
YES, NO, CLAIM = "approve", "reject", "claim"
ACTIONS = {YES: (Action.approve,), NO: (Action.reject, Action.cancel)}
# What is answered with more than a yes: each has to be opened.
FILLED_IN = {
    RequirementKind.user_input,
    RequirementKind.route,
    RequirementKind.tool_input,
    RequirementKind.external_execution,
    RequirementKind.feedback,
}
UNSEEN = gettext_lazy("High risk: open it and look at everything first.")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Items that are alike, and the answers that all of them offer."""

    items: tuple[Requirement, ...]
    verbs: tuple[Verb, ...]

    @property
    def first(self) -> Requirement:
        """Any of them tells what they have in common."""
        return self.items[0]

    @property
    def needs_feedback(self) -> bool:
        """One of the answers helps nobody without words."""
        return any(verb.needs_feedback for verb in self.verbs)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An item that cannot be answered together with others, and why."""

    requirement: Requirement
    why: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one item. `problem` is empty where it was done."""

    requirement: Requirement
    problem: str = ""
    decision: Decision | None = None

    @property
    def left(self) -> int:
        """For how many seconds it can still be undone; 0 where it cannot."""
        until = self.decision.requirement.release_at if self.decision and self.decision.closes else None
        return max(0, round((until - timezone.now()).total_seconds())) if until else 0


def chosen(desk: Desk, ids: Iterable[str]) -> list[Requirement]:
    """The items that were ticked and may be seen, in the order of the inbox."""
    keys = {key for text in list(ids)[:MOST] if (key := id_in(text.partition(":")[0]))}
    return list(desk.visible.filter(pk__in=keys).order_by("opened_at", "id"))


def sorted_out(desk: Desk, items: Iterable[Requirement], do: str) -> tuple[list[Batch], list[LeftOut]]:
    """The items in batches that are alike, and those that must be opened one by one."""
    batches: dict[tuple[object, ...], tuple[list[Requirement], tuple[Verb, ...]]] = {}
    left_out = []
    for item in items:
        why = _why_not(desk, item, do)
        if why:
            left_out.append(LeftOut(requirement=item, why=why))
            continue
        verbs = _verbs(item, do)
        batches.setdefault(_kind_of(item, verbs, do), ([], verbs))[0].append(item)
    return [Batch(items=tuple(alike), verbs=verbs) for alike, verbs in batches.values()], left_out


def needs_feedback(items: Iterable[Requirement], action: Action) -> bool:
    """Whether the answer helps nobody without words, at one of the items at least."""
    asked = (verb for item in items if item.is_open for verb in DecisionForm(item).verbs if not verb.choice)
    return any(verb.needs_feedback for verb in asked if verb.action == action)


def decide(request: "PageRequest", items: dict[Requirement, int], answer: Answer) -> list[Outcome]:
    """Give the same answer to each item, from the revision that was listed; to a high risk no yes, however it came."""
    actor = services.Actor.of(request.user)
    return [_decided(item, revision, answer, actor) for item, revision in items.items()]


def claim(request: "PageRequest", items: Iterable[Requirement]) -> list[Outcome]:
    """Claim each."""
    actor = services.Actor.of(request.user)
    return [_claimed(item, actor) for item in items]


def revisions(items: Iterable[Requirement], texts: Iterable[str]) -> dict[Requirement, int]:
    """Each item with the revision that was listed, sent as `id:revision`."""
    said = dict(text.partition(":")[::2] for text in texts)
    known = {item: said.get(str(item.pk), "") for item in items}
    return {item: int(text) for item, text in known.items() if text.isdecimal()}


def _decided(item: Requirement, revision: int, answer: Answer, actor: services.Actor) -> Outcome:
    if answer.action not in ACTIONS[NO] and item.risk == HIGH:
        return Outcome(requirement=item, problem=str(UNSEEN))
    try:
        decision = services.resolve(item.id, revision=revision, answer=answer, actor=actor)
    except DecisionRefused as refused:
        return Outcome(requirement=item, problem=in_words(refused))
    return Outcome(requirement=item, decision=decision)


def _claimed(item: Requirement, actor: services.Actor) -> Outcome:
    try:
        services.claim(item.id, actor=actor)
    except DecisionRefused as refused:
        return Outcome(requirement=item, problem=in_words(refused))
    return Outcome(requirement=item)


def _why_not(desk: Desk, item: Requirement, do: str) -> str:
    if not item.is_open:
        return _("It is decided already.")
    if not policy.may_decide(desk.person, item):
        return _("It is not yours to decide.")
    if do == YES and item.kind in FILLED_IN:
        return _("It asks for more than a yes: open it.")
    if do == YES and item.risk == HIGH:
        return str(UNSEEN)
    if do in ACTIONS and not _verbs(item, do):
        return _("It has no such answer: open it.")
    return ""


def _kind_of(item: Requirement, verbs: tuple[Verb, ...], do: str) -> tuple[object, ...]:
    """What items have in common that are answered together; all that can be claimed is claimed together."""
    if do == CLAIM:
        return ()
    offered = ((verb.action, verb.label) for verb in verbs)
    return (item.run.workflow_id, item.step_name, item.kind, *offered)


def _verbs(item: Requirement, do: str) -> tuple[Verb, ...]:
    offered = DecisionForm(item).verbs if do in ACTIONS else []
    return tuple(verb for verb in offered if verb.action in ACTIONS[do] and not verb.choice)
