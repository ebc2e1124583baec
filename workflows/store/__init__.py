"""The engine's store on Django: claim a run, load it as a machine, save what changed, let go of it."""

from workflows.store.asking import with_decisions
from workflows.store.claims import Claim, claim, claim_run, lease, next_due
from workflows.store.queueing import bring_files, queue_run
from workflows.store.run_store import SCRIPT, RunStore, public_id
from workflows.store.statements import Statements, Took, reading, written

__all__ = [
    "SCRIPT",
    "Claim",
    "RunStore",
    "Statements",
    "Took",
    "bring_files",
    "claim",
    "claim_run",
    "lease",
    "next_due",
    "public_id",
    "queue_run",
    "reading",
    "with_decisions",
    "written",
]
