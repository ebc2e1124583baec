"""Steps: the children one after another; a failure inside ends the group, and the run goes on."""

from workflows.engine.flow import Flow
from workflows.engine.inner import Inner
from workflows.engine.plan import StepsNode
from workflows.engine.record import Outcome, Record
from workflows.engine.walk import Failed, perform, sequence
from workflows.types import StepOutput


@perform.register
def perform_steps(node: StepsNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Run the group; its own output is not reviewed, so that is done once."""
    del redo
    continued(record)
    record.tell("started", "StepsExecutionStarted", steps_count=len(node.children))
    try:
        sequence(record, flow.carrying())
    except Failed as failed:
        failed.close(record)
        text = f"Steps execution failed: {failed.failure.message}"
        output = StepOutput(content=text, success=False, error=failed.failure.message)
    else:
        text = f"Steps {node.name} completed with {record.memo.get('kept', 0)} results"
        output = summary(record, record, text, Inner(record.journal, record.path))
    record.tell("completed", "StepsExecutionCompleted", steps_count=len(node.children))
    return record.produce(output.named(node.name, node.kind), "output")


def summary(record: Record, group: Record, text: str, steps: Inner) -> StepOutput:
    """A node's output after its group ran: successful when all of it was, stopping when something in it said stop."""
    if group.memo.get("media"):
        record.memo["media"] = True
    return StepOutput(
        content=text,
        success=not group.memo.get("failed", False),
        stop=bool(group.memo.get("stop", False)),
        steps=steps,
    )


def continued(record: Record) -> None:
    """Tell that a composite goes on after somebody was asked about it."""
    if "before:0" in record.memo:
        record.tell("continued", "StepContinued")
