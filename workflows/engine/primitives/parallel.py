"""Parallel: the children side by side. What all of them wait for is asked at once; a branch that fails becomes a
failed output, and the others go on. Changes of the session's state are applied when all are done, in order."""

from workflows.engine.flow import Flow
from workflows.engine.inner import Inner, sections
from workflows.engine.needs import Missing, Need
from workflows.engine.plan import Node, ParallelNode
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Outcome, Record
from workflows.engine.walk import Failed, perform, walk


@perform.register
def perform_parallel(node: ParallelNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Walk every branch that something has happened to; raises Missing with what those need until all are done."""
    del redo
    if record.awake is None:
        continued(record)
        record.tell("started", "ParallelExecutionStarted", parallel_step_count=len(node.children))
    needs: list[Need] = []
    for branch in _awake(node, record):
        try:
            record.advance(*_walked(branch, record, flow))
        except Missing as missing:
            needs += missing.needs
    record.awake = set()
    if needs or record.cursor < len(node.children):
        raise Missing(*needs)
    _merge(node, record, flow)
    record.tell("completed", "ParallelExecutionCompleted", parallel_step_count=len(node.children))
    steps = Inner(record.journal, record.path)
    output = summary(record, record, sections(()), steps).named(node.name, node.kind)
    return record.produce(output, "output", derived="sections" if steps else None)


def _awake(node: ParallelNode, record: Record) -> list[Node]:
    """The branches to walk: what waits for a call or a person is not looked at before that has come."""
    if record.awake is not None:
        found = (node.at(segment) for segment in record.awake)
        return sorted((branch for branch in found if branch), key=lambda branch: branch.index)
    if "begun" not in record.memo:
        record.remember("begun", True)
        return list(node.children)
    # In a process that goes on, those that are done are not in memory.
    reached = record.journal.records
    return [branch for branch in node.children if _is_open(reached.get(record.child_path(branch)))]


def _is_open(child: Record | None) -> bool:
    return child is not None and not child.finished


def _walked(branch: Node, record: Record, flow: Flow) -> tuple[Record, Outcome | None]:
    child = record.child(branch)
    try:
        return child, walk(branch, child, flow.beside(child))
    except Failed as failed:
        failed.close(record)
        assert child.slot is not None
        return child, Outcome(child.slot, success=False)


def _merge(node: ParallelNode, record: Record, flow: Flow) -> None:
    """Bring the branches together: what they changed, and which of them counts as the last."""
    for branch in node.children:
        child = record.journal.find(record.child_path(branch))
        assert child is not None
        if "patch" in child.memo:
            outer = flow.branch.record if flow.branch else None
            record.journal.apply(flow.inputs.state, child.memo["patch"], outer)
        if child.slot is not None:
            record.memo["last"] = child.path
