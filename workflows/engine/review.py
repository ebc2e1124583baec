"""Review: what people are asked before and after a node, and what their no causes (spec 3.9)."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from workflows.engine.deciders import policy_of
from workflows.engine.flow import Flow
from workflows.engine.functions import StepFunction
from workflows.engine.invoke import consult, given_to
from workflows.engine.needs import Ask, Need, decided
from workflows.engine.plan import Node
from workflows.engine.record import Failure, Outcome, Record
from workflows.engine.values import subject
from workflows.types import Action, Answer, OnReject, OnTimeout, RequirementKind, StepType

NOBODY_ASKED = Answer(action=Action.approve)

BEFORE = {
    StepType.STEP: "Execute step '{}'?",
    StepType.STEPS: "Execute steps pipeline '{}'?",
    StepType.LOOP: "Execute loop '{}'?",
    StepType.CONDITION: "Execute condition '{}'? (yes=if branch, no=else branch)",
    StepType.ROUTER: "Execute router '{}' with selected steps?",
    StepType.PARALLEL: "Execute parallel steps '{}'?",
}


class Cancelled(BaseException):
    """A person's no ends the run. The text is the run's content and the reason that is told."""


def consent(node: Node, record: Record, flow: Flow) -> Answer:
    """What people said before the node runs, after any re-asking; an approval where nobody is asked."""
    if not node.review.asks_first:
        return NOBODY_ASKED
    for times in count():
        answer = decided(record, f"before:{times}", partial(_before, node, record, flow, times))
        if answer.approved or not again(node, answer, times):
            return answer
    raise AssertionError("count() does not end")


def verdict(
    node: Node, record: Record, flow: Flow, outcome: Outcome, redo: int, more: Callable[[], dict[str, Any]]
) -> Answer:
    """What people said about an output; an approval where nobody is asked. `more` is added to the question."""
    if not _wants_review(node, record, flow, outcome, redo):
        return NOBODY_ASKED
    return decided(record, f"review:{redo}", partial(_after, node, record, outcome, redo, more))


def again(node: Node, answer: Answer, times: int) -> bool:
    """What a no causes: True, once more; False, the node is skipped; or it raises Cancelled.

    `times` counts the earlier rejections of the same thing. A script may answer with another policy than the
    node's (spec 3.9: `on_reject` and `max_retries` may be changed per decision).
    """
    policy = answer.on_reject or node.review.on_reject
    limit = node.review.max_retries if answer.max_retries is None else answer.max_retries
    if answer.action is Action.skip:  # silence with on_timeout=skip: whatever a rejection would have caused
        return False
    if answer.action is Action.cancel or policy is OnReject.cancel:
        raise Cancelled(f"Workflow cancelled: Step '{node.name}' was rejected")
    if policy is not OnReject.retry:
        return False
    if limit is not None and times >= limit:
        raise Cancelled(f"Max retries ({limit}) reached for step '{node.name}'")
    return True


def question(
    node: Node, record: Record, *, key: str, kind: RequirementKind, **more: Any
) -> tuple[Record, Ask]:
    """A question about a node, with the policy that its answer falls under."""
    review = node.review
    return record, Ask(
        path=record.path,
        key=key,
        kind=kind,
        step_name=node.name,
        step_type=node.kind,
        step_index=node.index,
        on_reject=OnReject(review.on_reject),
        max_retries=review.max_retries,
        timeout=review.timeout,
        on_timeout=OnTimeout(review.on_timeout) if review.on_timeout else None,
        policy=policy_of(node, record),
        **more,
    )


def _wants_review(node: Node, record: Record, flow: Flow, outcome: Outcome, redo: int) -> bool:
    wanted = node.review.requires_output_review
    if not callable(wanted):
        return wanted
    function = StepFunction.of(wanted)
    answer = consult(
        function, record, f"review?:{redo}", flow, first=partial(record.journal.value, record, outcome.slot)
    )
    # A predicate that raises asks: a gate that is broken stays shut (decision 5).
    return isinstance(answer, Failure) or bool(answer)


def _before(node: Node, record: Record, flow: Flow, times: int) -> Need:
    review = node.review
    message = review.confirmation_message if review.requires_confirmation else review.user_input_message
    return question(
        node,
        record,
        key=f"before:{times}",
        kind=RequirementKind.user_input if review.requires_user_input else RequirementKind.confirmation,
        message=message or BEFORE[node.kind].format(node.name),
        input_message=review.user_input_message,
        confirm=review.requires_confirmation,
        fields=tuple(field.to_dict() for field in review.user_input_schema or ()),
        retry_count=times,
        evidence=flow.before.place,
        subject=given_to(record, flow),
    )


def _after(
    node: Node, record: Record, outcome: Outcome, redo: int, more: Callable[[], dict[str, Any]]
) -> Need:
    message = node.review.output_review_message or f"Review output of {node.kind.lower()} '{node.name}'?"
    return question(
        node,
        record,
        key=f"review:{redo}",
        kind=RequirementKind.output_review,
        message=message,
        retry_count=redo,
        evidence=record.journal.evidence(record, outcome.slot),
        subject=subject(record.journal.flowing(record, outcome.slot)),
        **more(),
    )
