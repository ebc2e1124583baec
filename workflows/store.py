"""The engine's store on Django's ORM: claim a run, load it as a machine, save what changed, let go of it.

Every write happens under the fence of a claim, in one transaction with the events that tell of it. A claim is a
lease: while it lasts `wake_at` is its end, so that the query for due runs finds what a dead worker left behind.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.models import Min, Model, QuerySet
from django.utils import timezone

from workflows.engine import patches, snapshot, values
from workflows.engine.events import Event
from workflows.engine.flow import Inputs
from workflows.engine.inner import place
from workflows.engine.journal import Changes, Journal
from workflows.engine.machine import Machine
from workflows.engine.needs import Ask
from workflows.engine.plan import Plan
from workflows.errors import LeaseLost
from workflows.models import Requirement, RunEvent, Session, StepRecord, Value, WorkflowRun
from workflows.types import Answer, RunStatus, StepStatus

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)

RECORD_FIELDS = ("status", "tries", "cursor", "in_flight", "memo", "output", "finished_at")
BATCH = 8


def lease() -> timedelta:
    """How long a claim lasts without a heartbeat."""
    return timedelta(seconds=settings.HITL_LEASE_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to drive one run, until somebody claims it with a higher fence."""

    run_id: UUID
    workflow: str
    owner: str
    fence: int


def claim_run(run_id: UUID, owner: str, using: str = DEFAULT_DB_ALIAS) -> Claim | None:
    """Claim one run that nobody drives, whether it is due or not; None when somebody does, or it has ended."""
    runs = WorkflowRun.objects.using(using).unfinished().filter(id=run_id)
    found = runs.values_list("fence", "workflow__name", "lease_owner", "wake_at").first()
    if found is None:
        return None
    fence, workflow, holder, wake_at = found
    now = timezone.now()
    if holder and wake_at is not None and wake_at > now:
        return None
    if not runs.filter(fence=fence).update(fence=fence + 1, lease_owner=owner, wake_at=now + lease()):
        return None
    return Claim(run_id=run_id, workflow=workflow, owner=owner, fence=fence + 1)


def claim(owner: str, workflows: Iterable[str]) -> Claim | None:
    """Claim the run that has been due longest, of the workflows that this process knows; None when nothing is due."""
    due = WorkflowRun.objects.due(timezone.now()).filter(workflow__name__in=list(workflows))
    for run_id, fence, workflow in due.values_list("id", "fence", "workflow__name")[:BATCH]:
        now = timezone.now()
        won = WorkflowRun.objects.filter(id=run_id, fence=fence, wake_at__lte=now).update(
            fence=fence + 1, lease_owner=owner, wake_at=now + lease()
        )
        if won:
            return Claim(run_id=run_id, workflow=workflow, owner=owner, fence=fence + 1)
    return None


def next_due(workflows: Iterable[str]) -> datetime | None:
    """When the next run of these workflows is due."""
    waiting = WorkflowRun.objects.filter(wake_at__isnull=False, workflow__name__in=list(workflows))
    due: datetime | None = waiting.aggregate(at=Min("wake_at"))["at"]
    return due


class RunStore:
    """One claimed run: the archive that its journal reads from, and where its machine is saved."""

    def __init__(self, claim: Claim, using: str = DEFAULT_DB_ALIAS) -> None:
        self.claim, self.using, self.released = claim, using, False
        self._value_ids: dict[tuple[str, str], UUID] = {}
        self._applied: list[UUID] = []
        self._run = self._rows(WorkflowRun).select_related("session").get(id=claim.run_id)

    # The archive: what is stored already.

    def record(self, path: str) -> snapshot.Saved | None:
        """The record at a path."""
        return next(iter(self._saved(self._rows(StepRecord).filter(run=self.claim.run_id, path=path))), None)

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot."""
        return (
            self._rows(Value).values_list("data", flat=True).get(run=self.claim.run_id, path=path, slot=slot)
        )

    # Loading.

    def load(self, plan: Plan) -> Machine:
        """The run as a machine, with every decision that has been made meanwhile. Raises DefinitionChanged."""
        if self._run.fingerprint != plan.fingerprint:
            snapshot.check_places(self._saved(self._rows(StepRecord).filter(run=self.claim.run_id)), plan)
        journal = Journal(plan, self)
        unfinished = self._rows(StepRecord).filter(run=self.claim.run_id, finished_at__isnull=True)
        records = journal.restore(self._saved(unfinished))
        inputs = Inputs(
            run_id=str(self._run.id),
            session_id=self._run.session_id,
            state=self._run.session.state,
            **values.decode(self.value("", "inputs")),
        )
        # A run that was begun is resumed: that it pauses again is then news.
        status = RunStatus.pending if self._run.status == RunStatus.pending else RunStatus.running
        machine = Machine(journal, inputs, status)
        for record in records:
            if record.in_flight:
                machine.interrupt(record)
        self.absorb(machine)
        return machine

    def view(self, plan: Plan) -> Machine:
        """The run as it stands, to look at: nothing in it is interrupted, answered or ever saved."""
        journal = Journal(plan, self)
        journal.restore(self._saved(self._rows(StepRecord).filter(run=self.claim.run_id, finished_at=None)))
        journal.find("")
        inputs = Inputs(run_id=str(self._run.id), session_id=self._run.session_id)
        machine = Machine(journal, inputs, RunStatus(self._run.status))
        machine.outcome = self._run.outcome
        for requirement in self._rows(Requirement).filter(run=self.claim.run_id, status="open"):
            ask = Ask.from_dict(requirement.details)
            journal.open[ask.path, ask.key] = ask
        return machine

    def absorb(self, machine: Machine) -> None:
        """Tell the machine the questions that are open and the decisions that were made."""
        live = self._rows(Requirement).filter(run=self.claim.run_id, status__in=["open", "decided"])
        for requirement in live.prefetch_related("decisions"):
            ask = Ask.from_dict(requirement.details)
            machine.journal.open[ask.path, ask.key] = ask
            if not requirement.is_open:
                *_, decision = requirement.decisions.all()
                machine.answer(ask, Answer.from_dict(decision.answer))
                self._applied.append(requirement.id)

    def _saved(self, records: Iterable[StepRecord]) -> Iterable[snapshot.Saved]:
        fields = ("path", "name", "kind", "status", "tries", "cursor", "memo", "in_flight", "output__slot")
        for row in records.values_list(*fields):  # type: ignore[attr-defined]
            *same, in_flight, slot = row
            yield snapshot.Saved(
                **dict(zip(fields, same, strict=False)), in_flight=in_flight or None, slot=slot
            )

    # Saving.

    def save(self, machine: Machine) -> list[Event]:
        """Write what changed, in one transaction; let go of the run where it rests. Raises LeaseLost.

        What comes back after that (of a Parallel in a run that was cancelled) is not written.
        """
        if self.released:
            return []
        with transaction.atomic(using=self.using):
            self._hold(machine)
            changes = machine.take()
            self._write(changes)
            if changes.patches:
                self._patch_session(changes)
            self._settle(machine)
        return changes.events

    def _hold(self, machine: Machine) -> None:
        """Lock the run under the fence; a cancel that was asked for meanwhile takes effect here."""
        held = (
            self._rows(WorkflowRun).select_for_update().filter(id=self.claim.run_id, fence=self.claim.fence)
        )
        found = held.values_list("cancel_requested_by", flat=True).first()
        if found is None:
            raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")
        if found and not machine.status.finished:
            machine.cancel(f"Cancelled by {found}")

    def _write(self, changes: Changes) -> None:
        now = timezone.now()
        rows = [
            Value(run_id=self.claim.run_id, path=path, slot=slot, data=data)
            for path, slot, data in changes.values
        ]
        self._rows(Value).bulk_create(rows)
        self._value_ids |= {(row.path, row.slot): row.id for row in rows}
        self._rows(StepRecord).bulk_create(
            [self._row(snapshot.save(record), now) for record in changes.records],
            update_conflicts=True,
            unique_fields=["run", "path"],
            update_fields=RECORD_FIELDS,
        )
        asked = {(ask.path, ask.key): self._requirement(ask, now) for ask in changes.asks}
        self._rows(Requirement).bulk_create(asked.values())
        if self._applied:
            self._rows(Requirement).filter(id__in=self._applied).update(status=Requirement.Status.APPLIED)
            self._applied.clear()
        self._rows(RunEvent).bulk_create(self._event(event, asked, now) for event in changes.events)

    def _row(self, saved: snapshot.Saved, now: datetime) -> StepRecord:
        return StepRecord(
            run_id=self.claim.run_id,
            path=saved.path,
            name=saved.name,
            kind=saved.kind,
            status=saved.status,
            tries=saved.tries,
            cursor=saved.cursor,
            in_flight=saved.in_flight or "",
            memo=saved.memo,
            output_id=self._value_id(saved.path, saved.slot) if saved.slot else None,
            started_at=now,
            finished_at=now if StepStatus(saved.status).finished else None,
        )

    def _requirement(self, ask: Ask, now: datetime) -> Requirement:
        return Requirement(
            run_id=self.claim.run_id,
            path=ask.path,
            key=ask.key,
            kind=ask.kind,
            step_name=ask.step_name,
            message=ask.message,
            details=ask.to_dict(),
            evidence_id=self._value_id(*ask.evidence) if ask.evidence else None,
            opened_at=now,
            timeout_at=now + timedelta(seconds=ask.timeout) if ask.timeout else None,
        )

    def _event(self, event: Event, asked: dict[tuple[str, str], Requirement], now: datetime) -> RunEvent:
        return RunEvent(
            run_id=self.claim.run_id,
            type=event.type,
            path=event.path,
            requirement=asked.get((event.path, event.data.get("key", ""))),
            actor="engine",
            data=event.data,
            created_at=now,
        )

    def _value_id(self, path: str, slot: str) -> UUID:
        """The row of a value; one that an earlier process wrote is looked up."""
        if (path, slot) not in self._value_ids:
            found = self._rows(Value).values_list("id", flat=True)
            self._value_ids[path, slot] = found.get(run=self.claim.run_id, path=path, slot=slot)
        return self._value_ids[path, slot]

    def _patch_session(self, changes: Changes) -> None:
        session = self._rows(Session).select_for_update().get(id=self._run.session_id)
        for patch in changes.patches:
            patches.apply(session.state, patch)
        session.version += 1
        session.save(update_fields=["state", "version"])

    def _settle(self, machine: Machine) -> None:
        """Say where the run stands; let go of it unless it is being driven, or was decided on meanwhile."""
        now, run = timezone.now(), self._run
        decided = self._rows(Requirement).filter(run=run.id, status=Requirement.Status.DECIDED).exists()
        waiting = machine.status is RunStatus.paused and not decided
        resting = machine.status.finished or (not machine.busy and (machine.halted or waiting))
        run.status = machine.status.value
        run.wake_at = self._wake_at(machine, now) if resting else now + lease()
        run.lease_owner = "" if resting else self.claim.owner
        fields = ["status", "wake_at", "lease_owner"]
        if machine.status.finished:
            fields += self._end(machine, now)
        run.save(update_fields=fields)
        self.released = resting

    def _wake_at(self, machine: Machine, now: datetime) -> datetime | None:
        if machine.status.finished:
            return None
        if machine.halted:
            return now
        open_ones = self._rows(Requirement).filter(run=self.claim.run_id, status=Requirement.Status.OPEN)
        deadline: datetime | None = open_ones.aggregate(at=Min("timeout_at"))["at"]
        return deadline

    def _end(self, machine: Machine, now: datetime) -> list[str]:
        run, last = self._run, machine.root.memo.get("last")
        run.outcome, run.finished_at = machine.outcome, now
        kept = place(machine.journal, last) if last is not None else None
        if machine.status is RunStatus.completed and kept is not None:
            run.output_id = self._value_id(*kept)
        live = self._rows(Requirement).filter(run=run.id, status__in=["open", "decided"])
        live.update(status=Requirement.Status.WITHDRAWN)
        return ["outcome", "finished_at", "output"]

    def _rows(self, model: type[Row]) -> QuerySet[Row]:
        return model._default_manager.using(self.using)

    # Keeping and giving up.

    def extend(self) -> None:
        """The heartbeat: the lease starts anew. Raises LeaseLost."""
        held = self._rows(WorkflowRun).filter(id=self.claim.run_id, fence=self.claim.fence)
        if not held.exclude(lease_owner="").update(wake_at=timezone.now() + lease()):
            raise LeaseLost(f"Run {self.claim.run_id} is driven by somebody else now")

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the lease alive from a thread of its own, however long a step takes."""
        done = threading.Event()

        def beat() -> None:
            interval = lease().total_seconds() / 3
            try:
                while not done.wait(interval):
                    self._beat()
            except LeaseLost:
                return
            finally:
                connections.close_all()

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self) -> None:
        try:
            self.extend()
        except Error as error:  # the database may be back before the lease is over
            log.warning("run %s: the lease could not be prolonged: %s", self.claim.run_id, error)
            connections[self.using].close_if_unusable_or_obsolete()

    def stop(self, status: RunStatus, outcome: str, event: str) -> None:
        """Let go of a run that cannot be driven as it is: a person has to look at it."""
        with transaction.atomic(using=self.using):
            held = self._rows(WorkflowRun).filter(id=self.claim.run_id, fence=self.claim.fence)
            if held.update(status=status.value, outcome=outcome, wake_at=None, lease_owner=""):
                self._rows(RunEvent).create(
                    run_id=self.claim.run_id,
                    type=event,
                    actor="engine",
                    data={"reason": outcome},
                    created_at=timezone.now(),
                )
        self.released = True
