"""What people and machines do: start a run, resolve a requirement, cancel a run, and so on. One function each.

Each is one transaction that changes what it must by compare-and-set, appends one event, and makes the run due;
workers notice the event. Views, webhooks, the API and admin actions call these and nothing deeper. What is done to
requirements stands in `reviewing`, and is found here too.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import points, policy, store, tracing
from workflows.acting import ENGINE, SCRIPT_CHANNEL, TIMER, Actor, append_event
from workflows.due import next_step
from workflows.engine import values
from workflows.engine.filled import put_away
from workflows.errors import (
    InvalidInput,
    NotEligible,
    RunFinished,
    UnkeepableInput,
    UnknownWorkflow,
    WorkflowDisabled,
)
from workflows.forking import fork_run, retry_run
from workflows.ids import new_id
from workflows.models import Priority, Requirement, Session, Workflow, WorkflowRun
from workflows.reviewing.claiming import assign, claim, unclaim
from workflows.reviewing.commenting import comment_on_requirement, comment_on_run, erase_comment
from workflows.reviewing.deciding import hold_of, resolve, resolve_locked
from workflows.reviewing.delegating import delegate, revoke_delegation
from workflows.reviewing.erasing import Erased, erase_words, erase_words_of
from workflows.reviewing.expiring import answer_of_silence, expire_overdue
from workflows.reviewing.holding import confirm, confirm_decisions, undo
from workflows.reviewing.reminding import sweep_due
from workflows.reviewing.snoozing import snooze, unsnooze
from workflows.types import File, InputErrors, RunStatus
from workflows.types.field_checks import plain
from workflows.types.form_schema import check_input

__all__ = [
    "SCRIPT_CHANNEL",
    "TIMER",
    "Actor",
    "Erased",
    "Queueing",
    "answer_of_silence",
    "append_event",
    "assign",
    "cancel_run",
    "claim",
    "comment_on_requirement",
    "comment_on_run",
    "confirm_decisions",
    "delegate",
    "end_abandoned",
    "erase_comment",
    "erase_words",
    "erase_words_of",
    "expire_overdue",
    "fork_run",
    "hold_of",
    "kept_input",
    "resolve",
    "resolve_locked",
    "retry_run",
    "revoke_delegation",
    "settle",
    "snooze",
    "start_run",
    "sweep_due",
    "unclaim",
    "undo",
    "unsnooze",
]

NAMED = store.Rows(Workflow, 'own."name" = %s')
# What waits for somebody, or for its run to go on.
WAITING = store.Rows(
    Requirement, """own."run_id" = %s AND own."status" IN ('open', 'decided')""", along=("run",)
)


@dataclass(frozen=True, kw_only=True)
class Queueing:
    """When it is a new run's turn: its priority, else the workflow's; `key` names what it shares with other runs, of
    which only so many are driven at once as the workflow says (`Workflow.max_per_key`)."""

    priority: Priority | None = None
    key: str = ""


@tracing.traced("start")
def start_run(
    workflow: str,
    input: Any = None,
    *,
    actor: Actor,
    source: str,
    external_id: str | None = None,
    session_id: str | None = None,
    queueing: Queueing | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> WorkflowRun:
    """Put a new run into the queue and return it; with a known (source, external_id) return that run instead.

    `input` is anything that `engine.values` can encode; `queueing`: when it is its turn. Raises UnknownWorkflow,
    WorkflowDisabled, UnkeepableInput for an input that is not data, and InvalidInput, by field, for one that does not
    fit what the workflow says of it.
    """
    definition, turn = _enabled(workflow, using), queueing or Queueing()
    _refuse_input(definition, input)
    input, files = _files_put_away(input)
    inputs = kept_input(input)
    run = WorkflowRun(
        workflow=definition,
        session_id=session_id or str(new_id()),
        fingerprint=definition.fingerprint,
        summary=values.summary(input),
        requested_by=actor.person,
        source=source,
        external_id=external_id if external_id is not None else str(new_id()),
        priority=int(turn.priority or definition.priority),
        queue_key=turn.key,
        wake_at=timezone.now(),
        trace=tracing.carried(),
    )
    tracing.note({"hitl.run": run.id, "hitl.workflow": workflow})
    with store.written(using) as statements:
        queued = store.Queued(run=run, inputs=inputs, actor=actor.name, facts=actor.facts)
        if not store.queue_run(queued, using):
            return WorkflowRun.objects.using(using).get(source=source, external_id=run.external_id)
        statements.insert_values([(new_id(), run.id, "", slot, data) for slot, data in files.items()])
        statements.add(Session(id=run.session_id, workflow=definition), unless=("id",))
        points.reached("enqueue.within")
    points.reached("enqueue.after")
    return run


def _enabled(workflow: str, using: str) -> Workflow:
    definition = NAMED.first(using, workflow)
    if definition is None:
        raise UnknownWorkflow(f"No workflow named '{workflow}' is registered")
    if not definition.enabled:
        raise WorkflowDisabled(f"The workflow '{workflow}' is switched off")
    return definition


def _refuse_input(definition: Workflow, input: Any) -> None:
    if definition.input_schema is None:
        return
    try:
        check_input(definition.input_schema, _as_data(input))
    except InputErrors as wrong:
        raise InvalidInput(wrong.by_field) from None


def _as_data(input: Any) -> Any:
    """An input as a form would have it: of models their fields, of text what it says as JSON."""
    if isinstance(input, dict):
        return {name: plain(value) for name, value in input.items()}
    if not isinstance(input, str):
        return values.plain(kept_input(input))["input"]
    try:
        return json.loads(input)
    except (ValueError, RecursionError):
        return input


def _files_put_away(input: Any) -> tuple[Any, dict[str, str]]:
    """The input with references in place of its files, and what to keep of those, by slot."""
    if not isinstance(input, dict):
        return input, {}
    kept: dict[str, str] = {}
    given = dict(input)
    for name, value in input.items():
        if isinstance(value, File):
            given[name], slot, data = put_away(value)
            kept[slot] = data
    return given, kept


def kept_input(input: Any) -> str:
    """An input as it is kept. Raises UnkeepableInput."""
    try:
        return values.encode({"input": input})
    except values.UnencodableValue as refused:
        raise UnkeepableInput(str(refused)) from None


def settle(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
    """Bring about what time has: release or void decisions, answer for silence, remind. One query where there is
    nothing of it. For whoever has claimed the run, before it takes decisions in."""
    now = timezone.now()
    found = WAITING.all(using, run_id)
    for requirement in found:
        if not requirement.is_open:
            confirm(requirement)
    # What was decided may have been opened again just now.
    if any(requirement.timeout_at is not None and requirement.timeout_at <= now for requirement in found):
        expire_overdue(run_id, using)
    if any(next_step(requirement, now) for requirement in found):
        sweep_due(now, run_id=run_id, using=using)


def cancel_run(run_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> WorkflowRun:
    """End a run. One that somebody drives right now ends at its next step boundary; any other one at once, also one
    whose driver has died.

    Raises RunFinished when it has ended already, NotEligible when this person may not.
    """
    with transaction.atomic(using=using):
        run = WorkflowRun.objects.using(using).select_for_update().get(id=run_id)
        if not (actor.channel == SCRIPT_CHANNEL or policy.may_cancel(actor.person, run)):
            raise NotEligible(f"{actor.name} may not cancel this run")
        if run.is_finished:
            raise RunFinished(f"The run has already ended: {run.status}")
        run.cancel_requested_by = actor.name
        run.save(update_fields=["cancel_requested_by"])
        append_event(run, "CancelRequested", actor)
        if not run.lease_owner or (run.wake_at is not None and run.wake_at <= timezone.now()):
            _end(run, f"Cancelled by {actor.name}", actor)
    return run


def end_abandoned(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
    """End a run that was to be cancelled, where whoever drove it has died before the next step boundary."""
    now = timezone.now()
    with transaction.atomic(using=using):
        run = WorkflowRun.objects.using(using).select_for_update().get(id=run_id)
        driven = run.lease_owner and run.wake_at is not None and run.wake_at > now
        if run.cancel_requested_by and not run.is_finished and not driven:
            _end(run, f"Cancelled by {run.cancel_requested_by}", ENGINE)


def _end(run: WorkflowRun, outcome: str, actor: Actor) -> None:
    run.status, run.outcome = RunStatus.cancelled.value, outcome
    run.wake_at, run.finished_at = None, timezone.now()
    # Whoever held a lease that is over writes nothing any more.
    run.lease_owner, run.fence = "", run.fence + 1
    run.save(update_fields=["status", "outcome", "wake_at", "finished_at", "lease_owner", "fence"])
    run.requirements.filter(status__in=["open", "decided"]).update(status=Requirement.Status.WITHDRAWN)
    append_event(run, "WorkflowCancelled", actor, data={"reason": outcome})
