"""Parallel: the children side by side. What all of them wait for is asked at once; a branch that fails becomes a
failed output, and the others go on. Changes of the session's state are applied when all are done, in order."""

from workflows.engine.flow import Flow
from workflows.engine.inner import DERIVED, Inner
from workflows.engine.needs import Missing, Need
from workflows.engine.plan import ParallelNode
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Outcome, Record
from workflows.engine.walk import Failed, perform, walk
from workflows.types import StepOutput


@perform.register
def perform_parallel(node: ParallelNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Walk every branch that is not done; raises Missing with what all of them need."""
    del redo
    continued(record)
    record.tell("started", "ParallelExecutionStarted", parallel_step_count=len(node.children))
    needs: list[Need] = []
    done = record.memo.setdefault("done", [])
    for branch in node.children:
        if branch.segment in done:
            continue
        child = record.child(branch)
        try:
            output = walk(branch, child, flow.beside(record, branch.segment))
        except Missing as missing:
            needs += missing.needs
            continue
        except Failed as failed:
            output = _failed(child, failed)
        done.append(branch.segment)
        record.advance(child, output)
    if needs:
        raise Missing(*needs)
    _merge(node, record, flow)
    record.tell("completed", "ParallelExecutionCompleted", parallel_step_count=len(node.children))
    steps = Inner(record.journal, record.path)
    output = summary(record, DERIVED["sections"](steps), steps)
    return Outcome(output.named(node.name, node.kind), "output", derived="sections")


def _failed(child: Record, failed: Failed) -> StepOutput | None:
    failed.close()
    if not child.finished:
        child.complete(failed.outcome(child.node.name))
    return child.output


def _merge(node: ParallelNode, record: Record, flow: Flow) -> None:
    """Bring the branches together: what they changed, and which of them counts as the last."""
    changed = record.memo.pop("patches", {})
    for branch in node.children:
        if branch.segment in changed:
            record.journal.apply(flow.inputs.state, changed[branch.segment], flow.branches)
        child = record.journal.find(record.child_path(branch))
        if child is not None and child.slot is not None:
            record.memo["last"] = child.path
