"""The engine's store on Django: claim a run, load it as a machine, save what changed, let go of it."""

from workflows.store.appending import append
from workflows.store.asking import live_requirements, requirements_of
from workflows.store.claims import Claim, claim, claim_run, lease, next_due
from workflows.store.looks import Took
from workflows.store.queueing import Queued, bring_files, name_people, queue_run
from workflows.store.rows import Rows
from workflows.store.run_store import SCRIPT, RunStore, public_id
from workflows.store.statements import Statements, Wake, by_hand, written

__all__ = [
    "SCRIPT",
    "Claim",
    "Queued",
    "Rows",
    "RunStore",
    "Statements",
    "Took",
    "Wake",
    "append",
    "bring_files",
    "by_hand",
    "claim",
    "claim_run",
    "lease",
    "live_requirements",
    "name_people",
    "next_due",
    "public_id",
    "queue_run",
    "requirements_of",
    "written",
]
