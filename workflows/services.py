"""What people and machines do: start a run, resolve a requirement, cancel a run. One function each.

Each is one transaction that changes what it must by compare-and-set, appends one event, and makes the run due;
workers notice the event. Views, webhooks, the API and admin actions call these and nothing deeper.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import policy
from workflows.engine import values
from workflows.engine.needs import Ask
from workflows.errors import (
    AlreadyDecided,
    InvalidAnswer,
    NotEligible,
    RunFinished,
    StaleRevision,
    UnkeepableInput,
    UnknownWorkflow,
    WorkflowDisabled,
)
from workflows.ids import new_id
from workflows.models import Decision, Requirement, RunEvent, Session, Value, Workflow, WorkflowRun
from workflows.types import Action, Answer, InputErrors, OnTimeout, RunStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something, and through which door: portal, admin, api, script or timer."""

    name: str
    channel: str
    person: "User | None" = None

    @classmethod
    def of(cls, person: "User", channel: str = "portal") -> "Actor":
        """A signed-in person."""
        return cls(name=person.get_username(), channel=channel, person=person)


TIMER = Actor(name="timer", channel="timer")

# Whoever runs a script has the database at hand; what a script may not decide, policy says.
SCRIPT_CHANNEL = "script"


def start_run(
    workflow: str,
    input: Any = None,
    *,
    actor: Actor,
    source: str,
    external_id: str | None = None,
    session_id: str | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> WorkflowRun:
    """Put a new run into the queue and return it; with a known (source, external_id) return that run instead.

    `input` is anything that `engine.values` can encode. Raises UnknownWorkflow, WorkflowDisabled, and
    UnkeepableInput for an input that is not data.
    """
    definition = Workflow.objects.using(using).filter(name=workflow).first()
    if definition is None:
        raise UnknownWorkflow(f"No workflow named '{workflow}' is registered")
    if not definition.enabled:
        raise WorkflowDisabled(f"The workflow '{workflow}' is switched off")
    inputs = kept_input(input)
    with transaction.atomic(using=using):
        run, created = WorkflowRun.objects.using(using).get_or_create(
            source=source,
            external_id=external_id if external_id is not None else str(new_id()),
            defaults=_new_run(definition, input, actor, session_id),
        )
        if created:
            Value.objects.using(using).create(run=run, path="", slot="inputs", data=inputs)
            append_event(run, "RunQueued", actor, data={"source": source})
    return run


def kept_input(input: Any) -> str:
    """An input as it is kept. Raises UnkeepableInput."""
    try:
        return values.encode({"input": input})
    except values.UnencodableValue as refused:
        raise UnkeepableInput(str(refused)) from None


def _new_run(definition: Workflow, input: Any, actor: Actor, session_id: str | None) -> dict[str, Any]:
    def session() -> Session:
        sessions = Session.objects.using(definition._state.db)
        return sessions.get_or_create(id=session_id or str(new_id()), defaults={"workflow": definition})[0]

    return {
        "workflow": definition,
        "session": session,
        "fingerprint": definition.fingerprint,
        "summary": values.summary(input),
        "requested_by": actor.person,
        "wake_at": timezone.now(),
    }


def resolve(
    requirement_id: UUID,
    *,
    revision: int,
    answer: Answer,
    actor: Actor,
    at: datetime | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Decision:
    """Decide one open requirement: the first committed answer wins, and the run becomes due.

    `revision` is the one that the person saw. Raises AlreadyDecided (who, when, what), StaleRevision, NotEligible,
    or InvalidAnswer by field; nothing is changed then. `at` is for a script, which takes the time itself.
    """
    now = timezone.now()
    with transaction.atomic(using=using):
        requirement = _locked(requirement_id, using)
        _refuse(requirement, revision, answer, actor)
        decision = _decide(requirement, answer, actor, at or now)
        wake(requirement.run, now)
    return decision


def expire_overdue(run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
    """Answer the run's overdue requirements as their on_timeout says. For whoever has claimed the run."""
    now = timezone.now()
    overdue = Requirement.objects.using(using).open().filter(run=run_id, timeout_at__lte=now)
    for requirement_id in overdue.values_list("id", flat=True):
        # Where a person was faster, their answer stands.
        with transaction.atomic(using=using), suppress(AlreadyDecided):
            requirement = _locked(requirement_id, using)
            _decide(requirement, _answer_of_silence(requirement), TIMER, now)


def _answer_of_silence(requirement: Requirement) -> Answer:
    ask = Ask.from_dict(requirement.details)
    actions = {
        OnTimeout.approve: Action.approve,
        OnTimeout.reject: Action.reject,
        OnTimeout.skip: Action.skip,
    }
    answer = Answer(
        action=actions.get(ask.on_timeout or OnTimeout.cancel, Action.cancel), feedback="Timed out"
    )
    if answer.action is not Action.approve:
        return answer
    values_given = {field["name"]: field["value"] for field in ask.fields if field.get("value") is not None}
    answer = replace(answer, values=values_given)
    try:
        ask.check(answer)
    except InputErrors:  # a form without defaults, a route without a choice: nothing to approve
        return replace(answer, action=Action.cancel)
    return answer


def _decide(requirement: Requirement, answer: Answer, actor: Actor, now: datetime) -> Decision:
    """Close the requirement by compare-and-set and write who did it. Raises AlreadyDecided."""
    using = requirement._state.db
    same = Requirement.objects.using(using).filter(id=requirement.id, revision=requirement.revision)
    if not same.filter(status=Requirement.Status.OPEN).update(status=Requirement.Status.DECIDED):
        raise _lost(requirement)
    decision = Decision.objects.using(using).create(
        requirement=requirement,
        revision=requirement.revision,
        action=answer.action,
        person=actor.person,
        actor=actor.name,
        channel=actor.channel,
        feedback=answer.feedback or "",
        answer=answer.to_dict(),
        decided_at=now,
    )
    facts = {"action": answer.action, "revision": requirement.revision, "kind": requirement.kind}
    append_event(requirement.run, "RequirementDecided", actor, requirement=requirement, data=facts)
    return decision


def _locked(requirement_id: UUID, using: str) -> Requirement:
    """The requirement, with its run locked: a worker that lets go of the run waits, and then sees the decision."""
    run = WorkflowRun.objects.using(using).select_for_update().get(requirements=requirement_id)
    requirement = Requirement.objects.using(using).get(id=requirement_id)
    requirement.run = run
    return requirement


def _refuse(requirement: Requirement, revision: int, answer: Answer, actor: Actor) -> None:
    scripted = actor.channel == SCRIPT_CHANNEL and policy.script_may_decide(requirement)
    if not (scripted or policy.may_decide(actor.person, requirement)):
        raise NotEligible(f"{actor.name} may not decide this")
    if not requirement.is_open:
        raise _lost(requirement)
    if requirement.revision != revision:
        raise StaleRevision(revision, requirement.revision)
    try:
        Ask.from_dict(requirement.details).check(answer)
    except InputErrors as wrong:
        raise InvalidAnswer(wrong.by_field) from None


def _lost(requirement: Requirement) -> AlreadyDecided:
    decision = requirement.decisions.last()
    if decision is None:
        return AlreadyDecided(by="the end of the run", at=requirement.run.finished_at, action="withdrawn")
    return AlreadyDecided(by=decision.actor, at=decision.decided_at, action=decision.action)


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


def _end(run: WorkflowRun, outcome: str, actor: Actor) -> None:
    run.status, run.outcome = RunStatus.cancelled.value, outcome
    run.wake_at, run.finished_at = None, timezone.now()
    # Whoever held a lease that is over writes nothing any more.
    run.lease_owner, run.fence = "", run.fence + 1
    run.save(update_fields=["status", "outcome", "wake_at", "finished_at", "lease_owner", "fence"])
    run.requirements.filter(status__in=["open", "decided"]).update(status=Requirement.Status.WITHDRAWN)
    append_event(run, "WorkflowCancelled", actor, data={"reason": outcome})


def wake(run: WorkflowRun, at: datetime) -> None:
    """Make a run due, unless somebody drives it: who does looks for decisions once more before letting go."""
    if not run.lease_owner:
        WorkflowRun.objects.using(run._state.db).filter(id=run.id).update(wake_at=at)


def append_event(
    run: WorkflowRun,
    type: str,
    actor: Actor,
    *,
    requirement: Requirement | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write down what somebody did to a run; in the transaction that does it."""
    RunEvent.objects.using(run._state.db).create(
        run=run,
        type=type,
        path=requirement.path if requirement else "",
        requirement=requirement,
        actor=actor.name,
        data=data or {},
        created_at=timezone.now(),
    )
