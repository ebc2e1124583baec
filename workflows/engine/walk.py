"""Walk: the meaning of a plan. One plain function walks a tree; each primitive adds how it is performed.

`walk` returns a node's output (None: it was skipped) or raises: `Missing` with everything that is still needed,
`Cancelled` when a person ended the run, `Failed` when a step's failure ends what is around it. It is called again
from the root after each answer; what is finished answers at once, and a container's cursor makes that cost the
depth of the tree and not the length of its history.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, singledispatch
from itertools import count
from typing import TypeVar

from workflows.engine import deciders, review
from workflows.engine.filled import told
from workflows.engine.flow import Flow
from workflows.engine.inner import edited
from workflows.engine.needs import Ask, Need, decided
from workflows.engine.plan import GIVEN, ConditionNode, Node
from workflows.engine.record import FAILURE, Failure, Outcome, Record
from workflows.engine.review import Cancelled, again, verdict
from workflows.types import (
    Action,
    Answer,
    OnError,
    OnReject,
    OnTimeout,
    RequirementKind,
    StepOutput,
    StepType,
)

Result = TypeVar("Result")

# In the memo of what asks about failures inside it, by where they happened: those to which a person has said "once
# more". One that is over, as an agent's turn is, does not come up again when the tree is walked, but counts.
GRANTED = "granted"


class Failed(BaseException):
    """A failure that nothing inside it takes care of; a container does, or it ends the run.

    `record` is where it happened, `key` at which try; whoever takes care of it closes that record.
    """

    def __init__(self, record: Record, failure: Failure, key: str) -> None:
        super().__init__(f"Step '{record.node.name}' failed: {failure.message}")
        self.record, self.failure, self.key = record, failure, key

    def close(self, within: Record) -> None:
        """It is final: the record, and every one between it and `within`, ends with an output that stands for it."""
        text, journal = self.failure.message, within.journal
        path = self.record.path
        while path != within.path:
            record = journal.records[path]
            if not record.finished:
                if record.node.kind is StepType.STEP:
                    journal.tell("StepCompleted", record, error=text)
                output = StepOutput(
                    content=f"Step {record.node.name} failed: {text}", success=False, error=text
                )
                record.complete(record.produce(output.named(record.node.name, record.node.kind), FAILURE))
            path = path.rpartition("/")[0]


def walk(node: Node, record: Record, flow: Flow) -> Outcome | None:
    """What the node brought, None when it was skipped."""
    if GIVEN in record.memo:
        flow = flow.instead(record)
    if node.review.choosers:
        deciders.choose(node, record, flow)
    if node.review.asks_first:
        answer = consent(node, record, flow)
        if not (answer.approved or _takes_else(node, answer)):
            record.skip()
            return None
        flow = replace(flow, answer=answer, notes=flow.notes | told(node, record, answer))
    outcome = _accepted(node, record, flow)
    if outcome is None:
        record.skip()
        return None
    return record.complete(outcome)


@singledispatch
def consent(node: Node, record: Record, flow: Flow) -> Answer:
    """What people said before the node runs."""
    return review.consent(node, record, flow)


@singledispatch
def perform(node: Node, record: Record, flow: Flow, redo: int) -> Outcome | None:
    """Do what the node is for, for the `redo`-th time; None when people said meanwhile that it is to be skipped."""
    raise NotImplementedError(type(node).__name__)


@singledispatch
def offered(node: Node) -> dict[str, object]:
    """What else the question about a node's output offers."""
    del node
    return {}


def sequence(group: Record, flow: Flow) -> None:
    """Walk the lineup of a group in order, from its cursor to its end or to an output that says stop."""
    lineup = group.lineup
    while group.cursor < len(lineup) and not (group.memo.get("stop") or group.memo.get("broken")):
        node = lineup[group.cursor]
        child = group.child(node)
        group.advance(child, walk(node, child, flow.into(group)))


def absorb(group: Record, failed: Failed) -> None:
    """A failure ends the group, which goes on as one with a failed output in the place where it happened."""
    failed.close(group)
    child = group.child(group.lineup[group.cursor])
    assert child.slot is not None
    group.advance(child, Outcome(child.slot, success=False))
    group.remember("broken", True)


def guarded(record: Record, flow: Flow, on_error: OnError, body: Callable[[Flow], Result]) -> Result | Failed:
    """What the body gives, or the failure that is to be absorbed; by `on_error` it is raised, or a person decides.

    When they say "once more", the step that failed is tried again, and what had finished before it stays.
    """
    while True:
        try:
            return body(flow)
        except Failed as failed:
            if on_error is OnError.fail:
                raise
            if on_error is OnError.skip:
                return failed
            path = failed.record.path
            granted: list[str] = record.memo.get(f"{GRANTED}:{path}", [])
            if failed.key not in granted:
                times = len(granted)
                key = f"error:{path}:{times}"
                answer = decided(record, key, partial(error_question, record, flow, failed, times, key))
                if not once_more(record.node, answer):
                    return failed
                record.remember(f"{GRANTED}:{path}", [*granted, failed.key])
            flow = replace(flow, granted=flow.granted | {(path, failed.key)})


def once_more(node: Node, answer: Answer) -> bool:
    """What a person said about a failure: again, or on without it. Raises Cancelled when they end the run."""
    if answer.action is Action.cancel:
        raise Cancelled(f"Workflow cancelled: Step '{node.name}' failed")
    return answer.action is Action.retry


def error_question(
    record: Record, flow: Flow | None, failed: Failed, times: int, key: str, *, call: str = ""
) -> Need:
    """Ask what is to become of a failure; what the step before gave is shown, where `flow` is there. `times` is how
    often a person had it tried again, `call` the idempotency key of what was cut off, by which others know it."""
    node, failure, review = record.node, failed.failure, record.node.review
    what = "was cut off" if failure.interrupted else "failed"
    return record, Ask(
        path=record.path,
        key=key,
        kind=RequirementKind.error,
        step_name=failed.record.node.name,
        step_type=node.kind,
        step_index=node.index,
        message=f"Step '{failed.record.node.name}' {what}. Try again, or go on without it?",
        max_retries=review.max_retries,
        retry_count=times,
        timeout=review.timeout,
        on_timeout=OnTimeout(review.on_timeout) if review.on_timeout else None,
        policy=deciders.policy_of(node, record),
        error={"type": failure.error_type, "message": failure.message},
        idempotency_key=call if failure.interrupted else "",
        evidence=flow.before.place if flow is not None else None,
    )


def _accepted(node: Node, record: Record, flow: Flow) -> Outcome | None:
    """Perform the node until its output is accepted; None when it is skipped."""
    for redo in count():
        outcome = perform(node, record, flow, redo)
        if outcome is None or outcome.accepted:
            return outcome
        answer = verdict(node, record, flow, outcome, redo, partial(offered, node))
        if answer.action is Action.edit:
            output = edited(record.journal.value(record, outcome.slot), answer.content)
            return replace(record.produce(output, f"edited:{redo}"), media=outcome.media)
        if answer.approved:
            return outcome
        if not again(node, answer, redo):
            return None
        previous = record.journal.value(record, outcome.slot).deepest
        flow = flow.noting(rejection_feedback=answer.feedback, previous_output=previous)
    raise AssertionError("count() does not end")


def _takes_else(node: Node, answer: Answer) -> bool:
    """A no that a condition understands as "the other branch"."""
    policy = answer.on_reject or node.review.on_reject
    return (
        isinstance(node, ConditionNode) and answer.action is Action.reject and policy is OnReject.else_branch
    )
