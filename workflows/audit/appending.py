"""Appending one event through the ORM, as services do; the engine's hot path does the same in `store.statements`."""

from workflows.audit import chain
from workflows.bus import ring
from workflows.models import RunEvent, WorkflowRun


def append(run: WorkflowRun, event: RunEvent, using: str) -> None:
    """Write an event at the end of a run's chain, and move the end there; in a transaction.

    The end is moved first, by compare-and-set: from then on the run is locked, and what others append comes after.
    """
    event.run = run
    rows = WorkflowRun.objects.using(using).filter(id=run.id)
    while True:
        head = chain.Head(digest=run.chain_head, length=run.chain_length)
        (linked,), end = chain.append(head, [_facts(event)])
        moved = {"chain_head": end.digest, "chain_length": end.length, "is_sealed": False}
        if rows.filter(chain_length=head.length).update(**moved):
            break
        # The run was loaded before somebody else appended something.
        run.chain_head, run.chain_length = (
            rows.select_for_update().values_list("chain_head", "chain_length").get()
        )
    run.chain_head, run.chain_length, run.is_sealed = end.digest, end.length, False
    event.position, event.previous, event.digest = linked[-3:]
    event.save(using=using, force_insert=True)
    ring(using)


def _facts(event: RunEvent) -> tuple[object, ...]:
    names = ("id", "run_id", "type", "path", "requirement_id", "actor", "data", "created_at")
    return tuple(getattr(event, name) for name in names)
