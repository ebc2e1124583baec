"""How runs are kept: definitions, sessions, runs, step records, values, requirements, decisions, events.

Tables are written by `store` (what the engine did), by `services` and `repair` (what people and machines did), by
`scripts` (runs of plain scripts) and by `registration` (definitions), and by nobody else.
A status is one column with a closed set; a transition is a compare-and-set there, and appends
one RunEvent. Values, decisions and events are only ever inserted: database triggers hold the last two.

`db_index=False` stands where another index or constraint begins with that key: each index is one page more that
every save of a run writes.
"""

from workflows.attendance import Lead, WorkerBeat
from workflows.checkpoints import Checkpoint, SealedHead, Verification
from workflows.coverage_checks import CoverageCheck
from workflows.delegations import Delegation
from workflows.grants import Grant
from workflows.models.choices import Priority, refuse_policy
from workflows.models.definitions import Session, Workflow
from workflows.models.events import RunEvent
from workflows.models.requirements import Decision, Requirement
from workflows.models.runs import StepRecord, Value, WorkflowRun
from workflows.querysets import RequirementQuerySet, RunQuerySet
from workflows.speech import Piece
from workflows.teamwork import Comment, Snooze

__all__ = [
    "Checkpoint",
    "Comment",
    "CoverageCheck",
    "Decision",
    "Delegation",
    "Grant",
    "Lead",
    "Piece",
    "Priority",
    "Requirement",
    "RequirementQuerySet",
    "RunEvent",
    "RunQuerySet",
    "SealedHead",
    "Session",
    "Snooze",
    "StepRecord",
    "Value",
    "Verification",
    "WorkerBeat",
    "Workflow",
    "WorkflowRun",
    "refuse_policy",
]
