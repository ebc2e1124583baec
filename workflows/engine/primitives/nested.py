"""Nested: a whole workflow as one step. Its steps see its own input and each other, and nothing of what ran outside."""

from dataclasses import replace

from workflows.engine.flow import Before, Flow
from workflows.engine.inner import DERIVED, Inner
from workflows.engine.plan import AGAIN, NestedNode, join
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Outcome, Record
from workflows.engine.walk import Failed, guarded, perform, sequence
from workflows.types import OnError, StepOutput, StepStatus


@perform.register
def perform_nested(node: NestedNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Run the inner workflow, anew when it was sent back; its content is the step's. Its stop ends it alone."""
    slot = f"output:{redo}"
    if slot in record.memo:  # it ran, and is being reviewed
        known: Outcome = record.memo[slot].outcome
        return known
    group = _group(node, record, redo)
    failed = guarded(record, flow, node.on_error, lambda granted: sequence(group, _inside(group, granted)))
    if isinstance(failed, Failed):
        return _skipped(node, record, failed, redo)
    group.move(StepStatus.completed) if group is not record else None
    steps = Inner(record.journal, group.path)
    output = replace(
        summary(record, group, "", steps),
        content=DERIVED["last"](steps),
        stop=False,
        executor_type="workflow",
        executor_name=node.workflow,
    )
    record.tell(f"completed:{redo}", "StepCompleted")
    return record.produce(output.named(node.name, node.kind), slot, derived="last" if steps else None)


def _group(node: NestedNode, record: Record, redo: int) -> Record:
    """Where the inner steps are kept: under the step itself, and under a number when they are done again."""
    if redo:
        record.tell(f"continued:{redo}", "StepContinued")
    else:
        continued(record)
    record.tell(f"started:{redo}", "StepStarted")
    return record.journal.reach(node.attempt, join(record.path, f"{AGAIN}{redo}")) if redo else record


def _skipped(node: NestedNode, record: Record, failed: Failed, redo: int) -> Outcome:
    failed.close(record)
    reason = failed.failure.message
    text = f"Step skipped due to error: {reason}"
    output = StepOutput(content=text, success=False, error=reason).named(node.name, node.kind)
    asked = node.on_error is OnError.pause
    if not asked:
        record.tell(f"completed:{redo}", "StepCompleted", error=reason)
    return replace(record.produce(output, f"output:{redo}"), accepted=asked)


def _inside(group: Record, flow: Flow) -> Flow:
    """What the inner workflow is given: the content of the step before, or the input that its step has."""
    given = flow.before.last or flow.given
    return replace(flow, before=Before(group.journal), given=given, notes={}, carried=flow.notes)
