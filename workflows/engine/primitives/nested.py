"""Nested: a whole workflow as one step. Its steps see its own input and each other, and nothing of what ran outside."""

from dataclasses import replace

from workflows.engine.flow import Before, Flow, content_of
from workflows.engine.inner import DERIVED, Inner
from workflows.engine.plan import NestedNode
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Outcome, Record
from workflows.engine.walk import Failed, guarded, perform, sequence
from workflows.types import StepOutput


@perform.register
def perform_nested(node: NestedNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Run the inner workflow; its content is the step's. It runs once: what is sent back is edited or skipped."""
    del redo
    continued(record)
    record.tell("started", "StepStarted")
    failed = guarded(record, flow, node.on_error, lambda granted: sequence(record, _inside(granted)))
    record.tell("completed", "StepCompleted")
    if isinstance(failed, Failed):
        failed.close()
        text = f"Step skipped due to error: {failed.failure.message}"
        output = StepOutput(content=text, success=False, error=failed.failure.message)
        return record.produce(Outcome(output.named(node.name, node.kind), "failed"))
    steps = Inner(record.journal, record.path)
    output = replace(
        summary(record, "", steps),
        content=DERIVED["last"](steps),
        executor_type="workflow",
        executor_name=node.workflow,
    )
    return record.produce(Outcome(output.named(node.name, node.kind), "output", derived="last"))


def _inside(flow: Flow) -> Flow:
    """What the inner workflow is given: the content of the step before, or the input that its step has."""

    def given() -> object:
        last = flow.before.last
        return flow.input if last is None else content_of(last)

    return replace(flow, before=Before(), given=given, notes={}, carried=flow.notes)
