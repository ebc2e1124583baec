"""Going on from a run with another one: try once more what failed, or fork at a step with another input.

The old run stays as it was, to its last event: its end is final, and what people decided in it stays decided there.
What it had done before the place is copied into a new run (see `engine.forking`), which a worker then drives as it
would any other; what people are asked at the place or after it is asked anew. As in `services`, each is one
transaction, and both runs say in their logs what was done.

The session is the same, and its state as it is now: what later steps of the old run had changed in it stays changed.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy, store, tracing
from workflows.acting import Actor, append_event, person_of
from workflows.engine import values
from workflows.engine.forking import Cut, NoSuchPlace, content_at, cut, failed_at, uncut
from workflows.engine.plan import GIVEN
from workflows.errors import (
    InvalidInput,
    NotEligible,
    UnkeepableInput,
    UnknownStep,
    WorkflowDisabled,
    WrongStatus,
)
from workflows.ids import new_id
from workflows.models import Value, WorkflowRun
from workflows.retention import refuse_erased
from workflows.store.copying import INPUTS, copy_into, data_at, saved_of
from workflows.types import InputErrors, RunStatus
from workflows.types.form_schema import check_input

RETRY, FORK = "retry", "fork"  # the sources of such runs
AT_WORK = (RunStatus.pending, RunStatus.running)


class Same(int):
    """Stands for "the input that it got"."""


SAME = Same()


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What would come of it: the steps that are kept as they are, by path, and what had begun and begins anew, from
    `path` on. `gets` is what that step is given, as data; `is_input`: it is the run's own input."""

    path: str
    kept: list[str]
    again: list[str]
    gets: Any = None
    is_input: bool = False


def may_retry(run: WorkflowRun) -> bool:
    """Whether a run can be tried again: it failed, or somebody ended it before it was done."""
    return run.status == RunStatus.error or (
        run.status == RunStatus.cancelled and bool(run.cancel_requested_by)
    )


def may_fork(run: WorkflowRun) -> bool:
    """Whether a run can be forked: nothing is under way in it."""
    return run.status not in AT_WORK


def retry_outlook(run: WorkflowRun) -> Outlook:
    """What a retry would keep and do again; three queries. Raises UnknownStep, WrongStatus where it was erased."""
    refuse_erased(run)
    made, path = _retried(run)
    return Outlook(path=path, kept=made.done, again=made.again)


def fork_outlook(run: WorkflowRun, path: str) -> Outlook:
    """What a fork at a step would keep and do again, and what the step got; some queries. Raises UnknownStep,
    WrongStatus for a run that was erased."""
    refuse_erased(run)
    made = _cut(run, path)
    gets = values.plain(json.dumps(_gets(run, made)))
    return Outlook(path=path, kept=made.done, again=made.again, gets=gets, is_input=made.gets is None)


def retry_run(run_id: UUID, *, actor: Actor) -> WorkflowRun:
    """Go on from a run that failed, or that somebody ended, with a new run: from the step that failed, or from where it
    stood. What was done is kept, and approvals hold where what they are about is the same.

    A second time it is that same new run. It is asked for by who asked for the old one. Raises NotEligible for who is
    no admin, WrongStatus, UnknownStep where the definition has changed, WorkflowDisabled.
    """
    with transaction.atomic():
        run = _locked(run_id, actor)
        existing = WorkflowRun.objects.filter(source=RETRY, external_id=str(run.id)).first()
        if existing is not None:
            return existing
        if not may_retry(run):
            raise WrongStatus(f"The run has neither failed, nor did somebody end it: {run.status}")
        made, path = _retried(run)
        new = _successor(run, RETRY, str(run.id), path)
        new.requested_by_id = run.requested_by_id
        _begin(new, run, made, actor, inputs=_inputs(run))
        said = {"retried_as": str(new.id), "path": new.forked_at}
        append_event(run, "RunRetried", actor, data=said)
    return new


def fork_run(run_id: UUID, path: str, *, actor: Actor, given: Any = SAME, key: str = "") -> WorkflowRun:
    """Go on from before a step with a new run, in which the step gets `given`, or what it got, and runs again with
    everything after it.

    `given` is data. It stands in the place of what the step before gave, or of the run's input where nothing was done
    before. Approvals of what stands around the step are asked for anew; four-eyes counts whoever forks as who asked.
    With the same `key` it is the same fork. Raises NotEligible for who is no admin, WrongStatus while something is
    under way in the run, UnknownStep, WorkflowDisabled, UnkeepableInput, InvalidInput.
    """
    with transaction.atomic():
        run = _locked(run_id, actor)
        external_id = f"{run.id}:{key or new_id()}"
        existing = WorkflowRun.objects.filter(source=FORK, external_id=external_id).first()
        if existing is not None:
            return existing
        if not may_fork(run):
            raise WrongStatus(f"Something is under way in the run: {run.status}")
        new = _successor(run, FORK, external_id, path)
        new.requested_by = person_of(actor)
        made = _cut(run, path, mark=str(new.id), given=given is not SAME)
        inputs = _inputs(run)
        if given is not SAME and made.gets is None and not made.done:
            inputs, made = _with_input(run, new, given), _cut(run, path, mark=str(new.id))
        _begin(new, run, made, actor, inputs=inputs)
        if given is not SAME and GIVEN in made.records[-1].memo:
            Value.objects.create(run=new, path=path, slot=GIVEN, data=_kept({"content": given}))
        append_event(run, "RunForked", actor, data={"forked_as": str(new.id), "path": path})
    return new


def _begin(new: WorkflowRun, old: WorkflowRun, made: Cut, actor: Actor, *, inputs: str) -> None:
    """Write the new run."""
    facts = {"forked_from": str(old.id), "path": new.forked_at, "kept": len(made.done), **actor.facts}
    with store.written(DEFAULT_DB_ALIAS) as statements:
        store.queue_run(store.Queued(run=new, inputs=inputs, actor=actor.name, facts=facts), DEFAULT_DB_ALIAS)
        store.bring_files(statements, old, new)
    copy_into(new, old, made)


def _successor(run: WorkflowRun, source: str, external_id: str, path: str) -> WorkflowRun:
    """A run in the same session that has begun: there is something to load."""
    return WorkflowRun(
        workflow=run.workflow,
        session_id=run.session_id,
        status=RunStatus.running.value,
        fingerprint=run.fingerprint,
        summary=run.summary,
        source=source,
        external_id=external_id,
        priority=run.priority,
        queue_key=run.queue_key,
        is_restricted=run.is_restricted,
        forked_from=run,
        forked_at=path,
        wake_at=timezone.now(),
        trace=tracing.carried(),
    )


def _locked(run_id: UUID, actor: Actor) -> WorkflowRun:
    """The run, held until the transaction ends. Raises NotEligible for who is no admin, WorkflowDisabled, WrongStatus
    for a run that was erased."""
    run = WorkflowRun.objects.select_for_update().get(id=run_id)
    if not policy.is_admin(actor.person):
        raise NotEligible(f"{actor.name} may not do this: admins do")
    if not run.workflow.enabled:
        raise WorkflowDisabled(f"The workflow '{run.workflow.name}' is switched off")
    refuse_erased(run)
    return run


def _retried(run: WorkflowRun) -> tuple[Cut, str]:
    """What a retry begins with, and the step that failed; empty where none did."""
    saved = saved_of(run)
    path = failed_at(saved)
    return (uncut(saved), "") if path is None else (_cut_of(run, saved, path), path)


def _cut(run: WorkflowRun, path: str, *, mark: str = "", given: bool = False) -> Cut:
    return _cut_of(run, saved_of(run), path, mark=mark, given=given)


def _cut_of(run: WorkflowRun, saved: list[Any], path: str, *, mark: str = "", given: bool = False) -> Cut:
    try:
        return cut(run.workflow.outline, saved, path, mark=mark, given=given)
    except NoSuchPlace as unknown:
        raise UnknownStep(str(unknown)) from None


def _gets(run: WorkflowRun, made: Cut) -> Any:
    """What the place is given, as data with its tags."""
    if made.gets is None:
        return json.loads(_inputs(run)).get("input")
    records = {record.path: record for record in made.records}
    return content_at(made.gets, records, lambda path, slot: data_at(run, path, slot))


def _inputs(run: WorkflowRun) -> str:
    return run.values.values_list("data", flat=True).get(path="", slot=INPUTS)


def _with_input(run: WorkflowRun, new: WorkflowRun, given: Any) -> str:
    """What the new run is started with: as the old one, but for its input. Raises UnkeepableInput, InvalidInput."""
    if run.workflow.input_schema is not None:
        try:
            check_input(run.workflow.input_schema, given)
        except InputErrors as wrong:
            raise InvalidInput(wrong.by_field) from None
    new.summary = values.summary(given)
    return json.dumps(json.loads(_inputs(run)) | json.loads(_kept({"input": given})))


def _kept(data: dict[str, Any]) -> str:
    try:
        return values.encode(data)
    except values.UnencodableValue as refused:
        raise UnkeepableInput(str(refused)) from None
