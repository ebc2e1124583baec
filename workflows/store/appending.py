"""Appending one event to a run's chain, as services do; the engine's saves append all of theirs at once."""

from workflows.audit import chain
from workflows.ids import new_id
from workflows.models import WorkflowRun
from workflows.store.cursor import Row
from workflows.store.statements import Wake, by_hand


def append(run: WorkflowRun, event: Row, using: str, wake: Wake | None = None) -> None:
    """Write an event, by `chain.FACTS` from its type on, at the end of a run's chain, and move the end there; with
    that, make the run due. In a transaction.

    The end is moved first, by compare-and-set: from then on the run is locked, and what others append comes after.
    """
    facts = (new_id(), run.id, *event)
    with by_hand(using) as statements:
        while True:
            head = chain.Head(digest=run.chain_head, length=run.chain_length)
            linked, end = chain.append(head, [facts])
            if statements.move_chain(run.id, head, end, wake):
                break
            # The run was loaded before somebody else appended something.
            head = statements.chain_end(run.id)
            run.chain_head, run.chain_length = head.digest, head.length
        statements.insert_linked(linked)
    run.chain_head, run.chain_length, run.is_sealed = end.digest, end.length, False
