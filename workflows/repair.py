"""What admins do about a run that cannot go on as it is: try it with the definition of now, or start it anew.

As in `services`, each is one transaction that changes what it must by compare-and-set and appends an event.
"""

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy, services, store
from workflows.errors import NotEligible, WorkflowDisabled, WrongStatus
from workflows.models import Value, WorkflowRun
from workflows.nudging import nudge
from workflows.retention import refuse_erased
from workflows.services import Actor
from workflows.types import RunStatus

RESTART = "restart"  # the source of a run that stands for another one, whose id is its external id
RESTARTABLE = (RunStatus.definition_changed, RunStatus.error)


def retry_changed(run_id: UUID, *, actor: Actor) -> WorkflowRun:
    """Let a worker try a run whose definition changed once more, with the definition that it has now.

    Where that still does not fit, the run comes back with the reason. Raises NotEligible for who is no admin,
    WrongStatus for a run that has not stopped for that.
    """
    with transaction.atomic():
        run = _locked(run_id, actor)
        if run.status != RunStatus.definition_changed:
            raise WrongStatus(f"The run has not stopped because its definition changed: {run.status}")
        reason, run.outcome = run.outcome, ""
        run.status, run.wake_at = RunStatus.running.value, timezone.now()
        run.save(update_fields=["status", "outcome", "wake_at"])
        services.append_event(run, "RunRepointed", actor, data={"reason": reason})
        nudge(run.id)
    return run


def restart_run(run_id: UUID, *, actor: Actor) -> WorkflowRun:
    """Start a new run with the same input, in the same session and for the same person; end the old one if need be.

    A second time it is that same new run. Raises NotEligible for who is no admin, WrongStatus for a run that
    neither failed nor stopped because its definition changed, or was erased, WorkflowDisabled.
    """
    with transaction.atomic():
        run = _locked(run_id, actor)
        existing = WorkflowRun.objects.filter(source=RESTART, external_id=str(run.id)).first()
        if existing is not None:
            return existing
        _refuse_restart(run)
        successor = _successor(run)
        inputs = Value.objects.get(run=run, path="", slot="inputs").data
        with store.written(DEFAULT_DB_ALIAS) as statements:
            facts = {"restart_of": str(run.id)}
            queued = store.Queued(run=successor, inputs=inputs, actor=actor.name, facts=facts)
            store.queue_run(queued, DEFAULT_DB_ALIAS)
            store.bring_files(statements, run, successor)
        if not run.is_finished:
            services.cancel_run(run.id, actor=actor)
        services.append_event(run, "RunRestarted", actor, data={"restarted_as": str(successor.id)})
    return successor


def _refuse_restart(run: WorkflowRun) -> None:
    if run.status not in RESTARTABLE:
        raise WrongStatus(f"The run has neither failed nor stopped for a changed definition: {run.status}")
    if not run.workflow.enabled:
        raise WorkflowDisabled(f"The workflow '{run.workflow.name}' is switched off")
    refuse_erased(run)


def _successor(run: WorkflowRun) -> WorkflowRun:
    return WorkflowRun(
        workflow=run.workflow,
        session_id=run.session_id,
        fingerprint=run.workflow.fingerprint,
        summary=run.summary,
        requested_by_id=run.requested_by_id,
        source=RESTART,
        external_id=str(run.id),
        priority=run.priority,
        queue_key=run.queue_key,
        wake_at=timezone.now(),
    )


def _locked(run_id: UUID, actor: Actor) -> WorkflowRun:
    """The run, held until the transaction ends. Raises NotEligible for who is no admin."""
    run = WorkflowRun.objects.select_for_update().get(id=run_id)
    if not policy.is_admin(actor.person):
        raise NotEligible(f"{actor.name} may not do this: admins do")
    return run
