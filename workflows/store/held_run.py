"""HeldRun: one run that this process drives: the lease that it keeps, and how it lets go where nothing is driven."""

import logging
from contextlib import AbstractContextManager

from django.db import Error, connections, transaction
from django.utils import timezone

from workflows.engine.plan import Plan
from workflows.errors import LeaseLost
from workflows.models import Requirement, WorkflowRun
from workflows.store.appending import append
from workflows.store.archive import Archive
from workflows.store.claims import Claim, lease
from workflows.store.heartbeat import kept_alive
from workflows.store.statements import Statements, written
from workflows.types import RunStatus

log = logging.getLogger(__name__)


class HeldRun(Archive):
    """One claimed run. `released`: it was let go of, and nothing more is written by this claim."""

    def __init__(self, claim: Claim, run: WorkflowRun, using: str) -> None:
        super().__init__(run, using)
        self.claim, self.released = claim, False

    def extend(self) -> None:
        """The heartbeat: the lease starts anew. Raises LeaseLost."""
        held = self._rows(WorkflowRun).filter(id=self.claim.run_id, fence=self.claim.fence)
        if not held.exclude(lease_owner="").update(wake_at=timezone.now() + lease()):
            raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")

    def kept(self) -> AbstractContextManager[None]:
        """Keep the lease alive, however long a step takes."""
        return kept_alive(self)

    def beat(self) -> None:
        """Prolong the lease, where the database can be reached. Raises LeaseLost."""
        try:
            self.extend()
        except Error as error:  # it may be back before the lease is over
            log.warning("run %s: the lease could not be prolonged: %s", self.claim.run_id, error)
            connections[self.using].close_if_unusable_or_obsolete()

    def forget_trace(self) -> None:
        """What comes later was made due by something else."""
        self._rows(WorkflowRun).filter(id=self.claim.run_id, trace=self.run.trace).update(trace=None)

    def stop(self, status: RunStatus, outcome: str, event: str) -> None:
        """Let go of a run that cannot be driven as it is: a person has to look at it."""
        with transaction.atomic(using=self.using):
            held = self._rows(WorkflowRun).filter(id=self.claim.run_id, fence=self.claim.fence)
            asked = held.select_for_update().values_list("cancel_requested_by", flat=True).first()
            if asked and not status.finished:  # what was asked for while it was driven is what happens
                status, outcome, event = RunStatus.cancelled, f"Cancelled by {asked}", "WorkflowCancelled"
            ended = timezone.now() if status.finished else None
            changes = {"status": status.value, "outcome": outcome, "finished_at": ended}
            if held.update(**changes, wake_at=None, lease_owner=""):
                if ended:
                    self._withdraw()
                append(self.run, (event, "", None, "engine", {"reason": outcome}, timezone.now()), self.using)
        self.released = True

    def rest_if_idle(self, plan: Plan) -> bool:
        """Let go at once of a paused run that was woken for nothing: no decision is there, nobody has cancelled it."""
        if self.run.status != RunStatus.paused or self.run.fingerprint != plan.fingerprint:
            return False
        with written(self.using) as statements:
            cancelled = self.cancelled_by(statements)
            outlook = statements.outlook(self.claim.run_id)
            if cancelled or outlook.is_decided:
                return False
            statements.update_run(self.claim.run_id, wake_at=outlook.next_look, lease_owner="")
        self.released = True
        return True

    def cancelled_by(self, statements: Statements) -> str:
        """Lock the run under the fence: who asked for its end, mostly nobody. Raises LeaseLost."""
        asked = statements.hold(self.claim.run_id, self.claim.fence)
        if asked is None:
            raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")
        return asked

    def _withdraw(self) -> None:
        live = self._rows(Requirement).filter(run=self.claim.run_id, status__in=["open", "decided"])
        live.update(status=Requirement.Status.WITHDRAWN)
