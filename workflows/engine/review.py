"""Review: what people are asked before and after a node, and what their no causes (spec 3.9)."""

from functools import partial
from itertools import count
from typing import Any

from workflows.engine.needs import Ask, Call, Need, once
from workflows.engine.plan import Node
from workflows.engine.record import Failure, Record
from workflows.types import Action, Answer, OnReject, RequirementKind, StepOutput, StepType

NOBODY_ASKED = Answer(action=Action.approve)

MESSAGES = {
    StepType.STEPS: "Execute steps pipeline '{}'?",
    StepType.STEP: "Execute step '{}'?",
}


class Cancelled(BaseException):
    """A person's no ends the run. The text is the run's content and the reason that is told."""


def consent(node: Node, record: Record) -> Answer:
    """What people said before the node runs, after any re-asking; an approval where nobody is asked."""
    if not node.review.asks_first:
        return NOBODY_ASKED
    for asked in count():
        answer: Answer = once(record, f"before:{asked}", partial(_question_before, node, record, asked))
        if answer.approved or not again(node, answer, asked):
            return answer
    raise AssertionError("count() does not end")


def verdict(node: Node, record: Record, output: StepOutput, slot: str, redo: int) -> Answer:
    """What people said about an output; an approval where nobody is asked."""
    if not _wants_review(node, record, output, redo):
        return NOBODY_ASKED
    answer: Answer = once(
        record, f"review:{redo}", partial(_question_after, node, record, (record.path, slot), redo)
    )
    return answer


def again(node: Node, answer: Answer, times: int) -> bool:
    """What a no causes: True, once more; False, the node is skipped; or it raises Cancelled.

    `times` counts the earlier rejections of the same thing.
    """
    policy, limit = node.review.on_reject, node.review.max_retries
    if answer.action is Action.cancel or policy is OnReject.cancel:
        raise Cancelled(f"Workflow cancelled: Step '{node.name}' was rejected")
    if answer.action is Action.skip or policy is not OnReject.retry:
        return False
    if limit is not None and times >= limit:
        raise Cancelled(f"Max retries ({limit}) reached for step '{node.name}'")
    return True


def _wants_review(node: Node, record: Record, output: StepOutput, redo: int) -> bool:
    wanted = node.review.requires_output_review
    if not callable(wanted):
        return wanted
    call = Call(
        record=record,
        key=f"review?:{redo}",
        function=wanted,
        prepare=lambda: ((output,), {}),
        settle=bool,
        repeatable=True,
    )
    answer = once(record, call.key, lambda: call)
    # A predicate that raises asks: a gate that is broken stays shut (decision 5).
    return isinstance(answer, Failure) or bool(answer)


def _question_before(node: Node, record: Record, asked: int) -> Need:
    review = node.review
    fields = [field.to_dict() for field in review.user_input_schema or ()]
    kind = RequirementKind.user_input if review.requires_user_input else RequirementKind.confirmation
    message = review.confirmation_message if review.requires_confirmation else review.user_input_message
    return record, _ask(
        node,
        record,
        key=f"before:{asked}",
        kind=kind,
        message=message or MESSAGES[node.kind].format(node.name),
        input_message=review.user_input_message,
        confirm=review.requires_confirmation,
        fields=tuple(fields),
        retry_count=asked,
    )


def _question_after(node: Node, record: Record, evidence: tuple[str, str], redo: int) -> Need:
    return record, _ask(
        node,
        record,
        key=f"review:{redo}",
        kind=RequirementKind.output_review,
        message=node.review.output_review_message or f"Review output of step '{node.name}'?",
        retry_count=redo,
        evidence=evidence,
    )


def _ask(node: Node, record: Record, **question: Any) -> Ask:
    review = node.review
    return Ask(
        path=record.path,
        step_name=node.name,
        step_type=node.kind,
        step_index=node.index,
        on_reject=review.on_reject,
        max_retries=review.max_retries,
        timeout=review.timeout,
        on_timeout=review.on_timeout,
        **question,
    )
