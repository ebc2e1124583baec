"""RunStore: one claimed run: loaded as a machine, saved under its fence, let go of.

Every save is one transaction: what changed, and the events that tell of it.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from django.utils import timezone

from workflows import points
from workflows.audit import chain
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
from workflows.errors import RunExists
from workflows.history import History
from workflows.ids import new_id
from workflows.models import Requirement, RunEvent, StepRecord, Value, WorkflowRun
from workflows.store.asking import (
    Opened,
    Questions,
    applying,
    asked,
    first_look,
    granted,
    live_requirements,
    named,
)
from workflows.store.at_once import Known, at_once
from workflows.store.claims import Claim, lease
from workflows.store.cursor import Row
from workflows.store.held_run import HeldRun
from workflows.store.looks import Outlook
from workflows.store.queueing import Queued
from workflows.store.reasking import ask_anew
from workflows.store.rows import Rows
from workflows.store.statements import Statements, by_hand, written_together
from workflows.store.writing import REQUIREMENTS, Writing
from workflows.types import Answer, ReviewPolicy, RunStatus

log = logging.getLogger(__name__)

SCRIPT = "script"  # the source of runs that a script has started

CLAIMED = Rows(WorkflowRun, 'own."id" = %s', along=("session",))


@dataclass(slots=True, kw_only=True)
class Sent:
    """Where the run stands with a save that was sent, and what was new: the end of the chain, the values."""

    status: RunStatus
    head: chain.Head
    values: list[UUID]
    resting: bool
    at: datetime


def public_id(run: WorkflowRun) -> str:
    """What a run is called in its author's code: the id that their script gave it, else its own."""
    return run.external_id if run.source == SCRIPT else str(run.id)


class RunStore(HeldRun):
    """One claimed run: the archive that its journal reads from, and where its machine is saved."""

    def __init__(
        self,
        claim: Claim,
        using: str = DEFAULT_DB_ALIAS,
        run: WorkflowRun | None = None,
        queued: Queued | None = None,
    ) -> None:
        """`run`: as it was read after the claim; `queued`: it is new, and written by the first save."""
        super().__init__(claim, run or CLAIMED.one(using, claim.run_id), using)
        self._queued = queued
        # A run may have questions once it was begun.
        self.asked = self.run.status != RunStatus.pending
        self._applied: list[UUID] = []
        # What could not be saved, and what was sent of it: nobody knows of that whether it has arrived.
        self._unsaved: Changes | None = None
        self._sent: Sent | None = None

    # Loading.

    @cached_property
    def given(self) -> str:
        """What the run was started with, encoded."""
        return self._queued.inputs if self._queued else self.value("", "inputs")

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
        """Write what changed, in one transaction; let go of the run where it rests. Raises LeaseLost; for a new run
        RunExists. Where the database was away, save again: nothing is lost by that, or written twice.

        What comes back after the run was let go of (of a Parallel in a run that was cancelled) is not written.
        """
        if self.released:
            return []
        points.reached("save.before")
        changes = self._unsaved.and_then(machine.take()) if self._unsaved else machine.take()
        self._unsaved = changes
        if self._sent and self._has_arrived(self._sent):
            self._stands(self._sent)
        elif self._must_look(machine, changes) or not self._saved_at_once(machine, changes):
            if self._queued:
                raise RunExists(f"There is a run with id {public_id(self.run)} already")
            changes = self._saved_under_lock(machine, changes)
        self._unsaved = self._sent = None
        self._applied.clear()
        return changes.events

    def _has_arrived(self, sent: Sent) -> bool:
        """Whether a save was committed and only the answer was lost. One of which neither an event nor a value would
        be left is made again: it says the same."""
        if sent.head.length > self.run.chain_length:
            return self._rows(RunEvent).filter(run=self.claim.run_id, digest=sent.head.digest).exists()
        return self._rows(Value).filter(id__in=sent.values).exists()

    def _must_look(self, machine: Machine, changes: Changes) -> bool:
        """Whether what is to be written follows from what others write meanwhile."""
        if self._queued:
            return False
        if changes.patches or changes.asks_anew:
            return True
        if machine.status.finished:
            return self._result(machine) is None
        return self.asked and machine.status is RunStatus.paused

    def _saved_at_once(self, machine: Machine, changes: Changes) -> bool:
        """Write what changed, unless the run does not stand (any more) as it is known here: whether that was so."""
        now = timezone.now()
        with at_once(self.using, self._known) as writing:
            of_run, look = self._write(changes, writing, now)
            resting, look = self._rest(machine, now, lambda: Outlook(is_decided=False, next_look=look))
            of_run |= self._standing(machine, resting, look, now)
            send = partial(writing.create, self.run) if self._queued else writing.send
            self._sent = self._about(machine, changes, writing, resting, now)
            if not send(of_run, "pause.within" if resting else "save.within"):
                return False
        self._queued = None
        self._stands(self._sent)
        return True

    @property
    def _known(self) -> Known:
        head = chain.Head(digest=self.run.chain_head, length=self.run.chain_length)
        return Known(run_id=self.claim.run_id, fence=self.claim.fence, head=head)

    def _saved_under_lock(self, machine: Machine, changes: Changes) -> Changes:
        """The same of a run that is looked at first, and what follows from that; all that was written."""
        with written_together(self.using) as statements:
            changes = self._hold(machine, changes, statements)
            self._unsaved = changes = changes.and_then(machine.take())
            now = timezone.now()
            of_run, _ = self._write(changes, statements, now)
            if changes.patches:
                self._patch_session(changes, statements)
            resting, look = self._rest(machine, now, partial(statements.outlook, self.claim.run_id))
            of_run |= self._standing(machine, resting, look, now)
            if of_run:
                statements.update_run(self.claim.run_id, **of_run)
            if machine.status.finished and self._result(machine) is None:
                self._withdraw()
            points.reached("pause.within" if resting else "save.within")
            self._sent = self._about(machine, changes, statements, resting, now)
        self._stands(self._sent)
        return changes

    def _about(
        self, machine: Machine, changes: Changes, writing: Writing, resting: bool, now: datetime
    ) -> Sent:
        return Sent(
            status=machine.status,
            head=writing.heads[self.claim.run_id],
            values=[self._value_ids[path, slot] for path, slot, _ in changes.values],
            resting=resting,
            at=now,
        )

    def _hold(self, machine: Machine, changes: Changes, statements: Statements) -> Changes:
        """Lock the run under the fence; a cancel that was asked for meanwhile takes effect here, and what was about to
        begin does not. What is left to be written."""
        found = self.cancelled_by(statements)
        if not found or machine.status.finished:
            return changes
        held = machine.hold_back(changes)
        machine.cancel(f"Cancelled by {found}")
        return held

    def _write(
        self, changes: Changes, writing: Writing, now: datetime
    ) -> tuple[dict[str, Any], datetime | None]:
        """Write what changed but for the run itself; what changes there by that, and when the first of what was asked
        needs somebody to look."""
        new = self._queued
        if new:
            self._value_ids["", "inputs"] = new.value_id
        rows = (self._value_row(*value) for value in changes.values)
        writing.insert_values([new.value, *rows] if new else rows)
        writing.upsert_records(self._record_row(record, now) for record in changes.records)
        opened = self._ask(changes.asks, writing, now) if changes.asks else Opened()
        if self._applied:
            writing.apply(self._applied)
        if changes.asks_anew:
            opened |= self._ask_anew(changes.asks_anew, writing, now)
        self.asked = self.asked or bool(opened.questions)
        told = (self._event_row(event, opened.questions, now) for event in changes.events)
        of_run = writing.insert_events(self.claim.run_id, [new.event, *told] if new else told)
        return of_run | ({"is_restricted": True} if opened.restricts else {}), opened.look

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

    def _ask(self, asks: list[Ask], writing: Writing, now: datetime) -> Opened:
        """Write questions, each with the policy that applies to it from now on."""
        given = [(ask, new_id(), policy) for ask, policy in self._policies(asks)]
        rows = [
            (
                requirement_id,
                self.claim.run_id,
                ask.path,
                ask.key,
                *asked(ask, policy, now),
                self._evidence(ask),
            )
            for ask, requirement_id, policy in given
        ]
        writing.insert_requirements(rows)
        for _, requirement_id, policy in given:
            writing.insert_grants(granted(self.claim.run_id, requirement_id, policy))
        digest = REQUIREMENTS.names.index("digest")
        return Opened(
            questions={
                (ask.path, ask.key): (requirement_id, str(row[digest]))
                for (ask, requirement_id, _), row in zip(given, rows, strict=True)
            },
            restricts=any(policy.deciders for _, _, policy in given),
            look=first_look(rows),
        )

    def _ask_anew(self, asks: list[Ask], writing: Writing, now: datetime) -> Opened:
        """Open questions again whose answers are void; new ones where another run had asked, from which this one goes
        on."""
        rows, opened = self._rows(Requirement).filter(run=self.claim.run_id), Opened()
        elsewhere = []
        for ask, policy in self._policies(asks):
            requirement = rows.filter(path=ask.path, key=ask.key).first()
            if requirement is None:
                elsewhere.append(ask)
            else:
                opened.questions[ask.path, ask.key] = ask_anew(requirement, ask, policy, writing, now)
        return opened | self._ask(elsewhere, writing, now) if elsewhere else opened

    def _policies(self, asks: list[Ask]) -> list[tuple[Ask, ReviewPolicy]]:
        """Questions, each with the policy that applies to it now; one query."""
        with by_hand(self.using) as statements:
            said = statements.policy_now(self.run.workflow_id)
        return named([(ask, applying(ask, said)) for ask in asks], lambda: self.given)

    def _evidence(self, ask: Ask) -> UUID | None:
        return self._value_id(*ask.evidence) if ask.evidence else None

    def _event_row(self, event: Event, asked: Questions, now: datetime) -> Row:
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

    def _standing(
        self, machine: Machine, resting: bool, look: datetime | None, now: datetime
    ) -> dict[str, Any]:
        """What of the run says where it stands, and that it is let go of; nothing while it is driven on as before."""
        if machine.status == self.run.status and not resting:  # the heartbeat keeps the lease
            return {}
        changes: dict[str, Any] = {
            "status": machine.status.value,
            "wake_at": look if resting else now + lease(),
            "lease_owner": "" if resting else self.claim.owner,
        }
        if machine.status.finished:
            kept = self._result(machine)
            output = self._value_id(*kept) if kept else None
            changes |= {"outcome": machine.outcome, "finished_at": now, "output": output}
        return changes

    def _stands(self, sent: Sent) -> None:
        """That is written: remember it."""
        run = self.run
        run.status, run.finished_at = sent.status.value, sent.at if sent.status.finished else None
        run.chain_head, run.chain_length = sent.head.digest, sent.head.length
        self.released = sent.resting
        points.reached("pause.after" if sent.resting else "save.after")

    def _rest(
        self, machine: Machine, now: datetime, outlook: Callable[[], Outlook]
    ) -> tuple[bool, datetime | None]:
        """Whether the run rests now, and when somebody looks at it then."""
        if machine.status.finished:
            return True, None
        if machine.busy:
            return False, None
        if machine.halted:
            return True, now
        if machine.status is not RunStatus.paused:
            return False, None
        known = outlook()
        return not known.is_decided, known.next_look

    def _result(self, machine: Machine) -> tuple[str, str] | None:
        """Where a completed run's output is kept; of any other one nothing is, and what it asks is withdrawn."""
        last = machine.root.memo.get("last") if machine.status is RunStatus.completed else None
        return place(machine.journal, last) if last is not None else None
