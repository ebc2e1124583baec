"""Walk: the meaning of a plan. One plain function walks a tree; each primitive adds how it is performed.

`walk` returns a node's output (None: it was skipped) or raises: `Missing` with everything that is still needed,
`Cancelled` when a person ended the run, `Failed` when a step's failure ends what is around it. It is called again
from the root after each answer; what is finished answers at once, and a container's cursor makes that cost the
depth of the tree and not the length of its history.
"""

from dataclasses import replace
from functools import singledispatch
from itertools import count

from workflows.engine.flow import Flow, Inner
from workflows.engine.plan import Node, StepsNode
from workflows.engine.record import Record
from workflows.engine.review import Cancelled, again, consent, verdict
from workflows.engine.step import Failed, perform_step
from workflows.types import Action, Answer, StepOutput

Outcome = tuple[StepOutput, str] | None

__all__ = ["Cancelled", "Failed", "sequence", "walk"]


def walk(node: Node, record: Record, flow: Flow) -> StepOutput | None:
    """The node's output, None when it was skipped."""
    if record.finished:
        return record.output
    answer = consent(node, record)
    outcome = accepted(node, record, flow.noting(**_told(node, answer))) if answer.approved else None
    if outcome is None:
        record.skip()
        return None
    return record.complete(*outcome)


def accepted(node: Node, record: Record, flow: Flow) -> Outcome:
    """Perform the node until its output is accepted; None when it is skipped."""
    for redo in count():
        outcome = perform(node, record, flow, redo)
        if outcome is None:
            return None
        output, slot = outcome
        answer = verdict(node, record, output, slot, redo)
        if answer.action is Action.edit:
            return replace(output, content=answer.content, steps=None), f"edited:{redo}"
        if answer.approved:
            return outcome
        if not again(node, answer, redo):
            return None
        flow = flow.noting(rejection_feedback=answer.feedback, previous_output=output.deepest)
    raise AssertionError("count() does not end")


@singledispatch
def perform(node: Node, record: Record, flow: Flow, redo: int) -> Outcome:
    """Do what the node is for, for the `redo`-th time: its output and the slot it is stored under."""
    raise NotImplementedError(type(node).__name__)


perform.register(perform_step)


@perform.register
def _(node: StepsNode, record: Record, flow: Flow, redo: int) -> Outcome:
    del redo  # a group's own output is not reviewed, so it is performed once
    if "before:0" in record.memo:
        record.tell("continued", "StepContinued")
    record.tell("started", "StepsExecutionStarted")
    try:
        sequence(record, flow)
    except Failed as failed:
        text = f"Steps execution failed: {failed.failure.message}"
        output = StepOutput(content=text, success=False, error=failed.failure.message)
    else:
        output = StepOutput(
            content=f"Steps {node.name} completed with {record.memo.get('kept', 0)} results",
            success=not record.memo.get("failed", False),
            stop=record.memo.get("stop", False),
            steps=Inner(record),
        )
    record.tell("completed", "StepsExecutionCompleted")
    return output.named(node.name, node.kind), "output"


def sequence(record: Record, flow: Flow) -> None:
    """Walk the children of a container in order, from its cursor to its end or to an output that says stop."""
    children = record.node.children
    while record.cursor < len(children) and not record.memo.get("stop"):
        node = children[record.cursor]
        child = record.child(node)
        output = walk(node, child, flow.into(record))
        _advance(record, child, output)


def _advance(record: Record, child: Record, output: StepOutput | None) -> None:
    record.cursor += 1
    record.journal.touch(record)
    if output is None:
        return
    record.memo["last"] = child.path
    record.memo["kept"] = record.memo.get("kept", 0) + 1
    if not output.success:
        record.memo["failed"] = True
    if output.stop:
        record.memo["stop"] = True


def _told(node: Node, answer: Answer) -> dict[str, object]:
    """What was filled in; a field that was left as it is counts with its default."""
    asked = node.review.user_input_schema or () if node.review.requires_user_input else ()
    filled = {field.name: field.value for field in asked if field.value is not None} | answer.values
    return {"user_input": filled} if filled else {}
