"""Condition: one of two groups. A person who was asked decides; otherwise the evaluator does."""

from functools import partial

from workflows.engine.flow import Flow
from workflows.engine.inner import Inner
from workflows.engine.invoke import consult, step_input
from workflows.engine.plan import ConditionNode, Node
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Failure, Outcome, Record
from workflows.engine.walk import Failed, absorb, guarded, perform, sequence
from workflows.types import StepOutput, StepStatus


@perform.register
def perform_condition(node: ConditionNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Choose the group and run it; on_error says what a failure of either means."""
    del redo
    met = guarded(record, flow, node.on_error, partial(_met, node, record))
    if isinstance(met, Failed):
        text = f"Step skipped due to error: {met.failure.message}"
        output = StepOutput(content=text, success=False, error=met.failure.message)
        return record.produce(output.named(node.name, node.kind), "output")
    branch = next((child for child in node.children if child.name == ("if" if met else "else")), None)
    facts = {"condition_result": met, "branch": branch and branch.name}
    if met:
        continued(record)
    record.tell("started", "ConditionExecutionStarted", **facts)
    output = _run(node, record, flow, branch) if branch else _nothing(node, flow)
    record.tell("completed", "ConditionExecutionCompleted", **facts)
    return record.produce(output.named(node.name, node.kind), "output")


def _met(node: ConditionNode, record: Record, flow: Flow) -> bool:
    """Whether the if-branch runs. Raises Failed when the evaluator did."""
    if node.review.requires_confirmation and flow.answer is not None:
        return flow.answer.approved
    if isinstance(node.evaluator, bool):
        return node.evaluator
    key = f"evaluate:{flow.grants(record.path)}"
    met = consult(node.evaluator, record, key, flow, first=partial(step_input, record, flow))
    if isinstance(met, Failure):
        raise Failed(record, met, key)
    return bool(met)


def _run(node: ConditionNode, record: Record, flow: Flow, branch: Node) -> StepOutput:
    group = record.child(branch)
    failed = guarded(record, flow, node.on_error, partial(sequence, group))
    if isinstance(failed, Failed):
        absorb(group, failed)
    group.move(StepStatus.completed)
    text = f"Condition {node.name} completed with {group.memo.get('kept', 0)} results ({branch.name} branch)"
    return summary(record, group, text, Inner(record.journal, group.path))


def _nothing(node: ConditionNode, flow: Flow) -> StepOutput:
    if flow.answer is not None and not flow.answer.approved:
        return StepOutput(content=f"Condition {node.name} rejected - skipped (no else branch)")
    skipped = len(node.children[0].children)
    return StepOutput(content=f"Condition {node.name} not met - skipped {skipped} steps")
