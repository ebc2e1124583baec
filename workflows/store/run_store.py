"""RunStore: one claimed run: loaded as a machine, saved under its fence, let go of.

Every save is one transaction: what changed, and the events that tell of it.
"""

import logging
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.models import Q
from django.utils import timezone

from workflows import points
from workflows.audit.bound import bound
from workflows.engine import patches, snapshot, values
from workflows.engine.events import Event
from workflows.engine.flow import Inputs
from workflows.engine.inner import place
from workflows.engine.journal import Changes, Journal
from workflows.engine.machine import Machine
from workflows.engine.needs import Ask
from workflows.engine.plan import Plan
from workflows.engine.record import Record
from workflows.errors import LeaseLost
from workflows.history import History
from workflows.ids import new_id
from workflows.models import Requirement, StepRecord, Value, WorkflowRun
from workflows.store.appending import append
from workflows.store.archive import Archive
from workflows.store.asking import applying, asked, granted, live_requirements, named
from workflows.store.claims import Claim, lease
from workflows.store.cursor import Row
from workflows.store.heartbeat import kept_alive
from workflows.store.reasking import ask_anew
from workflows.store.rows import Rows
from workflows.store.statements import Statements, written, written_together
from workflows.types import Answer, ReviewPolicy, RunStatus

log = logging.getLogger(__name__)

SCRIPT = "script"  # the source of runs that a script has started

CLAIMED = Rows(WorkflowRun, 'own."id" = %s', along=("session",))

# The id and the digest of each requirement that a save has opened, by path and key.
Asked = dict[tuple[str, str], tuple[UUID, str]]


def public_id(run: WorkflowRun) -> str:
    """What a run is called in its author's code: the id that their script gave it, else its own."""
    return run.external_id if run.source == SCRIPT else str(run.id)


class RunStore(Archive):
    """One claimed run: the archive that its journal reads from, and where its machine is saved."""

    def __init__(self, claim: Claim, using: str = DEFAULT_DB_ALIAS, new: WorkflowRun | None = None) -> None:
        super().__init__(new or CLAIMED.one(using, claim.run_id), using)
        self.claim, self.released = claim, False
        # A run may have questions unless it is `new`: made by this process just now.
        self.asked = new is None
        self._applied: list[UUID] = []

    # Loading.

    @cached_property
    def given(self) -> str:
        """What the run was started with, encoded."""
        return self.value("", "inputs")

    def load(self, plan: Plan) -> Machine:
        """The run as a machine, with every decision that has been made meanwhile. Raises DefinitionChanged."""
        journal, inputs = Journal(plan, self), self._inputs(plan)
        if self.run.status == RunStatus.pending:  # nothing has happened that could be loaded
            return Machine(journal, inputs)
        if self.run.fingerprint != plan.fingerprint:
            snapshot.check_places(self._saved(self._rows(StepRecord).filter(run=self.claim.run_id)), plan)
        records = journal.restore(self.unfinished())
        # A run that was begun is resumed: that it pauses again is then news.
        machine = Machine(journal, inputs, RunStatus.running)
        for record in records:
            if record.in_flight:
                machine.interrupt(record)
        self.absorb(machine)
        return machine

    def _inputs(self, plan: Plan) -> Inputs:
        return Inputs(
            run_id=public_id(self.run),
            session_id=self.run.session_id,
            state=self.run.session.state,
            session=History(self.run.session_id, self.history, plan.history),
            **values.decode(self.given),
        )

    def view(self, plan: Plan) -> Machine:
        """The run as it stands, to look at: nothing in it is interrupted, answered or ever saved."""
        journal = Journal(plan, self)
        for saved in self.unfinished():
            with suppress(snapshot.DefinitionChanged):  # one can look at a run that cannot go on
                journal.restore([saved])
        journal.find("")
        inputs = Inputs(run_id=public_id(self.run), session_id=self.run.session_id)
        machine = Machine(journal, inputs, RunStatus(self.run.status))
        machine.outcome = self.run.outcome
        held = Q(status=Requirement.Status.DECIDED, release_at__gt=timezone.now())
        for requirement in self._rows(Requirement).filter(Q(status="open") | held, run=self.claim.run_id):
            ask = Ask.from_dict(requirement.details)
            journal.open[ask.path, ask.key] = ask
        return machine

    def absorb(self, machine: Machine) -> None:
        """Tell the machine the questions that are open and the decisions that were made."""
        for requirement in live_requirements(self.claim.run_id, self.using):
            ask = Ask.from_dict(requirement.details)
            machine.journal.open[ask.path, ask.key] = ask
            decision = requirement.decision
            if decision is not None and requirement.release_at is None:  # else it can still be undone
                # Where it was given under another policy, or to another text, it fits no question that could be made.
                fits = decision.digest == bound(ask, requirement.policy)
                answer = Answer.from_dict(decision.answer)
                machine.answer(ask, answer, None if fits else decision.digest)
                self._applied.append(requirement.id)

    # Saving.

    def save(self, machine: Machine) -> list[Event]:
        """Write what changed, in one transaction; let go of the run where it rests. Raises LeaseLost.

        What comes back after that (of a Parallel in a run that was cancelled) is not written.
        """
        if self.released:
            return []
        points.reached("save.before")
        with written_together(self.using) as statements:
            self._hold(machine, statements)
            changes, now = machine.take(), timezone.now()
            grown = self._write(changes, statements, now)
            if changes.patches:
                self._patch_session(changes, statements)
            rests = self._settle(machine, statements, now, grown)
            points.reached("pause.within" if rests else "save.within")
        points.reached("pause.after" if rests else "save.after")
        return changes.events

    def _hold(self, machine: Machine, statements: Statements) -> None:
        """Lock the run under the fence; a cancel that was asked for meanwhile takes effect here."""
        found = statements.hold(self.claim.run_id, self.claim.fence)
        if found is None:
            raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")
        if found and not machine.status.finished:
            machine.cancel(f"Cancelled by {found}")

    def _write(self, changes: Changes, statements: Statements, now: datetime) -> dict[str, Any]:
        """Write what changed but for the run itself; what the new events change there."""
        statements.insert_values(self._value_row(*value) for value in changes.values)
        statements.upsert_records(self._record_row(record, now) for record in changes.records)
        asked = self._ask(changes.asks, statements, now) if changes.asks else {}
        self.asked = self.asked or bool(asked)
        if self._applied:
            statements.apply(self._applied)
            self._applied.clear()
        if changes.asks_anew:
            asked |= self._ask_anew(changes.asks_anew, statements, now)
        told = (self._event_row(event, asked, now) for event in changes.events)
        return statements.insert_events(self.claim.run_id, told)

    def _value_row(self, path: str, slot: str, data: str) -> Row:
        value_id = self._value_ids[path, slot] = new_id()
        return value_id, self.claim.run_id, path, slot, data

    def _record_row(self, record: Record, now: datetime) -> Row:
        saved = snapshot.save(record)
        output = self._value_id(saved.path, saved.slot) if saved.slot else None
        return (
            new_id(),
            self.claim.run_id,
            saved.path,
            saved.name,
            saved.kind,
            saved.status,
            saved.tries,
            saved.cursor,
            saved.in_flight or "",
            saved.memo,
            output,
            now,
            now if record.finished else None,
        )

    def _ask(self, asks: list[Ask], statements: Statements, now: datetime) -> Asked:
        """Write questions, each with the policy that applies to it from now on."""
        given = [(ask, new_id(), policy) for ask, policy in self._policies(asks, statements)]
        statements.insert_requirements(
            (
                requirement_id,
                self.claim.run_id,
                ask.path,
                ask.key,
                *asked(ask, policy, now),
                self._evidence(ask),
            )
            for ask, requirement_id, policy in given
        )
        for _, requirement_id, policy in given:
            statements.insert_grants(granted(self.claim.run_id, requirement_id, policy))
        if any(policy.deciders for _, _, policy in given):
            statements.update_run(self.claim.run_id, is_restricted=True)
        return {
            (ask.path, ask.key): (requirement_id, bound(ask, policy.to_dict()))
            for ask, requirement_id, policy in given
        }

    def _ask_anew(self, asks: list[Ask], statements: Statements, now: datetime) -> Asked:
        """Open questions again whose answers are void; new ones where another run had asked, from which this one goes
        on."""
        rows, opened = self._rows(Requirement).filter(run=self.claim.run_id), {}
        elsewhere = []
        for ask, policy in self._policies(asks, statements):
            requirement = rows.filter(path=ask.path, key=ask.key).first()
            if requirement is None:
                elsewhere.append(ask)
            else:
                opened[ask.path, ask.key] = ask_anew(requirement, ask, policy, statements, now)
        return opened | self._ask(elsewhere, statements, now) if elsewhere else opened

    def _policies(self, asks: list[Ask], statements: Statements) -> list[tuple[Ask, ReviewPolicy]]:
        """Questions, each with the policy that applies to it now; one query, two where the run's input names people."""
        said = statements.policy_now(self.run.workflow_id)
        return named([(ask, applying(ask, said)) for ask in asks], self._rows(Value), self.claim.run_id)

    def _evidence(self, ask: Ask) -> UUID | None:
        return self._value_id(*ask.evidence) if ask.evidence else None

    def _event_row(self, event: Event, asked: Asked, now: datetime) -> Row:
        requirement, digest = asked.get((event.path, event.data.get("key", "")), (None, ""))
        data = event.data | {"digest": digest} if digest else event.data
        return new_id(), self.claim.run_id, event.type, event.path, requirement, "engine", data, now

    def _value_id(self, path: str, slot: str) -> UUID:
        """The row of a value; one that an earlier process wrote is looked up."""
        if (path, slot) not in self._value_ids:
            found = self._rows(Value).values_list("id", flat=True)
            self._value_ids[path, slot] = found.get(run=self.claim.run_id, path=path, slot=slot)
        return self._value_ids[path, slot]

    def _patch_session(self, changes: Changes, statements: Statements) -> None:
        state, version = statements.state(self.run.session_id)
        for patch in changes.patches:
            patches.apply(state, patch)
        statements.update_session(self.run.session_id, state=state, version=version + 1)

    def _settle(self, machine: Machine, statements: Statements, now: datetime, grown: dict[str, Any]) -> bool:
        """Say where the run stands; let go of it unless it is being driven, or was decided on meanwhile: whether so."""
        resting, look = self._rest(machine, statements, now)
        if machine.status == self.run.status and not resting:  # the heartbeat keeps the lease
            if grown:
                statements.update_run(self.claim.run_id, **grown)
            return False
        changes: dict[str, object] = grown | {
            "status": machine.status.value,
            "wake_at": look if resting else now + lease(),
            "lease_owner": "" if resting else self.claim.owner,
        }
        if machine.status.finished:
            changes |= self._end(machine, now)
        statements.update_run(self.claim.run_id, **changes)
        self.run.status, self.run.finished_at = machine.status.value, now if machine.status.finished else None
        self.released = resting
        return resting

    def rest_if_idle(self, plan: Plan) -> bool:
        """Let go at once of a paused run that was woken for nothing: no decision is there, nobody has cancelled it."""
        if self.run.status != RunStatus.paused or self.run.fingerprint != plan.fingerprint:
            return False
        with written(self.using) as statements:
            cancelled = statements.hold(self.claim.run_id, self.claim.fence)
            if cancelled is None:
                raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")
            outlook = statements.outlook(self.claim.run_id)
            if cancelled or outlook.is_decided:
                return False
            statements.update_run(self.claim.run_id, wake_at=outlook.next_look, lease_owner="")
        self.released = True
        return True

    def _rest(self, machine: Machine, statements: Statements, now: datetime) -> tuple[bool, datetime | None]:
        """Whether the run rests now, and when somebody looks at it then."""
        if machine.status.finished:
            return True, None
        if machine.busy:
            return False, None
        if machine.halted:
            return True, now
        if machine.status is not RunStatus.paused:
            return False, None
        outlook = statements.outlook(self.claim.run_id)
        return not outlook.is_decided, outlook.next_look

    def _end(self, machine: Machine, now: datetime) -> dict[str, object]:
        last = machine.root.memo.get("last")
        kept = place(machine.journal, last) if last is not None else None
        completed = machine.status is RunStatus.completed and kept is not None
        if not completed:
            self._withdraw()
        return {
            "outcome": machine.outcome,
            "finished_at": now,
            "output": self._value_id(*kept) if completed and kept else None,
        }

    def _withdraw(self) -> None:
        live = self._rows(Requirement).filter(run=self.claim.run_id, status__in=["open", "decided"])
        live.update(status=Requirement.Status.WITHDRAWN)

    # Keeping and giving up.

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
