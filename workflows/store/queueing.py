"""Queueing: a new run, what it is started with, and the event that says so. Whoever starts runs does it with this."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from workflows import grants
from workflows.audit import chain
from workflows.engine import values
from workflows.engine.filled import PUT_AWAY
from workflows.ids import new_id
from workflows.models import Value, WorkflowRun
from workflows.naming import resolved
from workflows.nudging import nudge
from workflows.store.at_once import Known, at_once
from workflows.store.cursor import Row
from workflows.store.statements import Statements
from workflows.types import ReviewPolicy


@dataclass(frozen=True, kw_only=True)
class Queued:
    """What is written of a new run besides itself: its encoded inputs, and who queued it. `facts` are what the event
    says besides the source."""

    run: WorkflowRun
    inputs: str
    actor: str
    facts: dict[str, Any] = field(default_factory=dict)
    value_id: UUID = field(default_factory=new_id)
    at: datetime = field(default_factory=timezone.now)

    @property
    def known(self) -> Known:
        """Nothing has happened to it."""
        return Known(run_id=self.run.id, fence=self.run.fence, head=chain.START)

    @property
    def value(self) -> Row:
        """The inputs as a row."""
        return self.value_id, self.run.id, "", "inputs", self.inputs

    @property
    def event(self) -> Row:
        """Its first event."""
        said = {"source": self.run.source, **self.facts}
        return new_id(), self.run.id, "RunQueued", "", None, self.actor, said, self.at


def queue_run(queued: Queued, using: str) -> bool:
    """Write a new run; False where its source has sent one with the same external id before.

    The session may be written later in the same transaction.
    """
    run = queued.run
    with at_once(using, queued.known) as writing:
        writing.insert_values([queued.value])
        if not writing.create(run, writing.insert_events(run.id, [queued.event])):
            return False
    name_people(queued)
    if not run.lease_owner:
        nudge(run.id)
    return True


def name_people(queued: Queued) -> None:
    """Grants for those whom the policy of the run's workflow names; once the run is written."""
    if queued.run.workflow.policy:
        policy = ReviewPolicy.from_dict(queued.run.workflow.policy)
        grants.restrict(queued.run, resolved(policy, values.plain(queued.inputs)["input"]))


def bring_files(statements: Statements, old: WorkflowRun, new: WorkflowRun) -> None:
    """Keep for a run the files that another one, whose input it gets, was started with."""
    kept = Value.objects.using(old._state.db).filter(run=old, path="", slot__startswith=PUT_AWAY)
    files = kept.values_list("slot", "data")
    statements.insert_values([(new_id(), new.id, "", slot, data) for slot, data in files])
