"""Scripts: how a plain script's runs are kept: in the same tables that the portal reads, by the same store.

Everything here happens in the thread of `hop`. A script decides as the actor "script", or as whoever it names.
"""

import logging
import os
import socket
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import services, store
from workflows.engine import values
from workflows.engine.drivers import Begun, step
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.needs import Ask
from workflows.engine.plan import Plan
from workflows.engine.snapshot import DefinitionChanged
from workflows.errors import DecisionRefused, InvalidAnswer, RunExists, Unresolved, WorkflowDisabled
from workflows.facts import facts_of
from workflows.history import Pair
from workflows.hop import hop
from workflows.ids import id_in, new_id
from workflows.models import Requirement, Session, Workflow, WorkflowRun
from workflows.ports import Given, Look
from workflows.registration import register_plan
from workflows.run.building import AnyRequirement, answer_of, matching
from workflows.run.facts import Facts
from workflows.services import SCRIPT_CHANNEL, Actor
from workflows.types import Answer, RunStatus

log = logging.getLogger(__name__)

SOURCE = store.SCRIPT


# A run by its id, or by the one that its script gave it, and what it belongs to; and one that is gone on with: locked,
# so that what is read of it holds until the transaction ends.
BY_ID = store.Rows(WorkflowRun, 'own."id" = %s', along=("workflow", "session"))
BY_NAME = store.Rows(
    WorkflowRun, 'own."source" = %s AND own."external_id" = %s', along=("workflow", "session")
)
LOCKED = store.Rows(WorkflowRun, 'own."id" = %s', lock=True)
# Read once its run is locked: a worker may have changed it until then.
SESSION = store.Rows(Session, 'own."id" = %s')


class ScriptRun:
    """One run that this script drives. Its first step is taken as it is made, in the transaction of whoever does."""

    def __init__(self, kept: store.RunStore, plan: Plan) -> None:
        self.store, self.machine = kept, kept.load(plan)
        self._begun: Begun | None = step(self.machine, kept.save)

    def begun(self) -> Begun | None:
        """The first step, once."""
        begun, self._begun = self._begun, None
        return begun

    def save(self, machine: Machine) -> list[Event]:
        """Write what changed."""
        return hop(self.store.save, machine)

    def kept(self) -> AbstractContextManager[None]:
        """Keep the lease alive."""
        return self.store.kept()

    def more(self) -> bool:
        """Take in what was decided while the run was driven."""
        if self.store.released:
            return False
        hop(services.confirm_decisions, self.store.claim.run_id, self.store.using)
        hop(self.store.absorb, self.machine)
        return True

    @property
    def facts(self) -> Facts:
        """What is known of it now."""
        return hop(facts_of, self.store)


class ScriptRuns:
    """The runs of one database."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.owner = f"{SOURCE}:{socket.gethostname()}:{os.getpid()}"
        self._written: dict[str, tuple[Plan, Workflow]] = {}

    def start(self, plan: Plan, given: Given) -> ScriptRun:
        """A new run, claimed from the start: no worker takes it while this script is alive."""
        return hop(self._start, plan, given)

    def resume(
        self, plan: Plan, run_id: str, session_id: str | None, answers: list[AnyRequirement], decided_by: str
    ) -> ScriptRun:
        """Answer what is open, and take the run over."""
        return hop(self._resume, plan, run_id, session_id, answers, decided_by)

    def look(self, plan: Plan, run_id: str, session_id: str | None) -> Look | None:
        """A run to look at."""
        return hop(self._look, plan, run_id, session_id)

    def run_ids(self, plan: Plan, session_id: str) -> list[str]:
        """The runs of a session, newest last."""
        runs = WorkflowRun.objects.using(self.using).filter(session=session_id, workflow__name=plan.name)
        return hop(lambda: [store.public_id(run) for run in runs.order_by("created_at", "id")])

    def state(self, session_id: str) -> dict[str, Any] | None:
        """A session's state."""
        found = Session.objects.using(self.using).filter(id=session_id)
        return hop(lambda: found.values_list("state", flat=True).first())

    def cancel(self, run_id: str) -> bool:
        """End a run."""
        return hop(self._cancel, run_id)

    def _start(self, plan: Plan, given: Given) -> ScriptRun:
        inputs = values.encode(given.lasting)
        with store.written(self.using) as statements:
            if given.run_id and self._find(given.run_id) is not None:
                raise RunExists(f"There is a run with id {given.run_id} already")
            run = self._new_run(plan, given, statements)
            queued = store.Queued(run=run, inputs=inputs, actor=SOURCE)
            claim = store.Claim(run_id=run.id, workflow=plan.name, owner=self.owner, fence=run.fence)
            begun = ScriptRun(ScriptStore(claim, self.using, run, queued), plan)
            store.name_people(queued)
            return begun

    def _new_run(self, plan: Plan, given: Given, statements: store.Statements) -> WorkflowRun:
        definition = self._definition(plan, statements)
        run_id = (id_in(given.run_id) if given.run_id else None) or new_id()
        return WorkflowRun(
            id=run_id,
            workflow=definition,
            session=_session(definition, given, statements),
            fingerprint=definition.fingerprint,
            summary=values.summary(given.input),
            source=SOURCE,
            external_id=given.run_id or str(run_id),
            wake_at=timezone.now() + store.lease(),
            lease_owner=self.owner,
            fence=1,
        )

    def _definition(self, plan: Plan, statements: store.Statements) -> Workflow:
        """The row of a plan; written, unless this process has done that. Raises WorkflowDisabled."""
        written, definition = self._written.get(plan.name, (None, None))
        if definition is not None and written is plan:
            policy = statements.policy(definition.id, definition.fingerprint)
            if policy is not None:
                definition.policy = policy
                return definition
        definition = register_plan(plan, self.using)
        if not definition.enabled:
            raise WorkflowDisabled(f"The workflow '{plan.name}' is switched off")
        self._written[plan.name] = plan, definition
        return definition

    def _resume(
        self, plan: Plan, run_id: str, session_id: str | None, answers: list[AnyRequirement], decided_by: str
    ) -> ScriptRun:
        found = self._find(run_id, plan, session_id)
        if found is None:
            raise ValueError(f"Could not find run with id {run_id} in session {session_id}")
        # What was decided by who may no more is asked anew, whatever comes of this.
        services.confirm_decisions(found.id, self.using)
        # Answered, claimed and begun as one: where one of it fails nothing has changed, and no worker comes in between.
        with transaction.atomic(using=self.using):
            run = LOCKED.one(self.using, found.id)
            run.session = SESSION.one(self.using, run.session_id)
            kept = ScriptStore(self._taken_over(run, answers, decided_by), self.using, run)
            try:
                return ScriptRun(kept, plan)
            except DefinitionChanged as changed:
                kept.stop(RunStatus.definition_changed, str(changed), "DefinitionChanged")
                stopped = changed
        raise stopped

    def _taken_over(self, run: WorkflowRun, answers: list[AnyRequirement], decided_by: str) -> store.Claim:
        """Answer and claim. A run that is not paused has ended, or is driven by somebody, or was left by a process that
        died."""
        if run.is_finished:
            raise ValueError(f"Cannot continue a run that is not paused. Current status: {run.status}")
        live = store.live_requirements(run.id, self.using)
        decided = self._decide(run, live, answers, Actor(name=decided_by or SOURCE, channel=SCRIPT_CHANNEL))
        if any(requirement.timeout_at for requirement in live):
            services.expire_overdue(run.id, self.using)
        if run.status == RunStatus.paused and not decided:
            self._refuse_unresolved(run)
        claim = store.claim_run(run.id, self.owner, self.using)
        if claim is None:
            raise ValueError(
                f"Cannot continue a run that is not paused: {run.lease_owner} drives it. "
                f"Current status: {run.status}"
            )
        return claim

    def _decide(
        self, run: WorkflowRun, live: list[Requirement], answers: list[AnyRequirement], actor: Actor
    ) -> bool:
        """Take each new answer that was given in time, and say whether one decides something; what somebody else has
        decided before stands."""
        decided = False
        for requirement in live:
            ask = Ask.from_dict(requirement.details)
            given = matching(answers, ask)
            answer = answer_of(given, ask) if given else None
            if given is None or answer is None:
                continue
            at = getattr(given, "answered_at", None) or datetime.now(UTC)
            if requirement.timeout_at is not None and at > requirement.timeout_at:
                log.warning(
                    "The answer to step '%s' came after its deadline: on_timeout counts", ask.step_name
                )
            elif requirement.is_open or not _says(requirement, answer):
                requirement.run = run
                decided |= _resolve(requirement, answer, actor, at)
        return decided

    def _refuse_unresolved(self, run: WorkflowRun) -> None:
        """ValueError when nothing was answered, by this script or anybody: nothing has changed then."""
        with store.by_hand(self.using) as statements:
            if statements.outlook(run.id).is_decided:
                return
        # What was decided and can still be undone is as good as open.
        waiting = store.live_requirements(run.id, self.using)
        errors = [one.step_name for one in waiting if one.kind == "error"]
        others = [one.step_name for one in waiting if one.kind != "error"]
        undoable = max((one.release_at for one in waiting if one.release_at), default=None)
        until = f" (a decision can be undone until {undoable:%H:%M:%S} UTC)" if undoable else ""
        if others:
            raise Unresolved(f"Cannot continue run - unresolved step requirements: {others}{until}")
        if errors:
            raise Unresolved(f"Cannot continue run - unresolved error requirements: {errors}{until}")

    def _look(self, plan: Plan, run_id: str, session_id: str | None) -> Look | None:
        run = self._find(run_id, plan, session_id)
        if run is None:
            return None
        claim = store.Claim(run_id=run.id, workflow=plan.name, owner="", fence=run.fence)
        kept = ScriptStore(claim, self.using, run)
        return kept.view(plan), facts_of(kept)

    def _find(
        self, run_id: str, plan: Plan | None = None, session_id: str | None = None
    ) -> WorkflowRun | None:
        """A run by either of its ids; of this workflow and this session, where they are said."""
        own = id_in(run_id)
        run = BY_ID.first(self.using, own) if own else BY_NAME.first(self.using, SOURCE, run_id)
        if run is None or (plan and run.workflow.name != plan.name):
            return None
        return None if session_id and run.session_id != session_id else run

    def _cancel(self, run_id: str) -> bool:
        run = self._find(run_id)
        if run is None or run.is_finished:
            return False
        services.cancel_run(run.id, actor=Actor(name=SOURCE, channel=SCRIPT_CHANNEL), using=self.using)
        return True


class ScriptStore(store.RunStore):
    """The store of a run whose steps may look back from any thread, also from one with an event loop."""

    def record(self, path: str) -> Any:
        """The record at a path."""
        return hop(super().record, path)

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot."""
        return hop(super().value, path, slot)

    def inside(self, path: str) -> Any:
        """All records and values at a path and below it."""
        return hop(super().inside, path)

    def history(self, count: int) -> list[Pair]:
        """Input and content of earlier runs."""
        return hop(super().history, count)


def _session(definition: Workflow, given: Given, statements: store.Statements) -> Session:
    """The session that a run is started in, with what the run adds to its state."""
    session = Session(id=given.session_id or str(new_id()), workflow=definition, state=given.session_state)
    if statements.add(session, unless=("id",)):
        return session
    # Locked: a worker that saves a run of this session waits, and merges into what is written here.
    state, version = statements.state(session.id)
    if given.session_state:
        state = state | session.state if given.overwrite_session_state else session.state | state
        statements.update_session(session.id, state=state, version=version + 1)
    session.state = state
    return session


def _resolve(requirement: Requirement, answer: Answer, actor: Actor, at: datetime) -> bool:
    """Whether it is decided by that."""
    try:
        decision = services.resolve_locked(
            requirement, revision=requirement.revision, answer=answer, actor=actor, at=at
        )
    except InvalidAnswer as wrong:
        raise ValueError(f"Step '{requirement.step_name}': {wrong}") from None
    except DecisionRefused as refused:
        log.warning("Step '%s': %s", requirement.step_name, refused)
        return False
    return decision.closes


def _says(requirement: Requirement, answer: Answer) -> bool:
    """Whether this is what was decided already."""
    decision = requirement.decision
    return decision is not None and decision.answer == answer.to_dict()
