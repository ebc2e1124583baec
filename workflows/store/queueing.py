"""Queueing: a new run, what it is started with, and the event that says so. Whoever starts runs does it with this."""

from typing import Any

from django.utils import timezone

from workflows import grants
from workflows.audit import chain
from workflows.engine import values
from workflows.engine.filled import PUT_AWAY
from workflows.ids import new_id
from workflows.models import Value, WorkflowRun
from workflows.naming import resolved
from workflows.nudging import nudge
from workflows.store.statements import Statements
from workflows.types import ReviewPolicy


def queue_run(
    statements: Statements, run: WorkflowRun, inputs: str, actor: str, **facts: Any
) -> WorkflowRun | None:
    """Write a run that was made in Python; None where its source has sent one with the same external id before.

    `inputs` are encoded; `facts` are what the event says besides the source. The session may be written later in the
    same transaction.
    """
    said = {"source": run.source, **facts}
    queued = (new_id(), run.id, "RunQueued", "", None, actor, said, timezone.now())
    linked, head = chain.append(chain.START, [queued])
    run.chain_head, run.chain_length = head.digest, head.length
    if not statements.add(run, unless=("source", "external_id")):
        return None
    statements.insert_values([(new_id(), run.id, "", "inputs", inputs)])
    if run.workflow.policy:
        policy = ReviewPolicy.from_dict(run.workflow.policy)
        grants.restrict(run, resolved(policy, values.plain(inputs)["input"]))
    statements.insert_linked(linked)
    if not run.lease_owner:
        nudge(run.id)
    return run


def bring_files(statements: Statements, old: WorkflowRun, new: WorkflowRun) -> None:
    """Keep for a run the files that another one, whose input it gets, was started with."""
    kept = Value.objects.using(old._state.db).filter(run=old, path="", slot__startswith=PUT_AWAY)
    files = kept.values_list("slot", "data")
    statements.insert_values([(new_id(), new.id, "", slot, data) for slot, data in files])
