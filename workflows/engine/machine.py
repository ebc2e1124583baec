"""Machine: one run in memory, and what can be done to it. No I/O, no clock, no threads: drivers do those.

    calls = machine.ready()      what the program must do now; empty: nothing, or all of it is under way
    machine.finish(call, result) what came of a call
    machine.answer(ask, answer)  what a person said
    machine.cancel(reason)       the run ends here
    machine.halt()               start nothing more: this process is about to stop
    machine.take()               what has changed since the last save

A machine is the same whether the run is new or was loaded: every advance is a resume.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import workflows.engine.primitives  # noqa: F401  so that walk knows every primitive
from workflows.engine.events import Event
from workflows.engine.filled import opened
from workflows.engine.flow import Before, Flow, Inputs
from workflows.engine.journal import Changes, Journal
from workflows.engine.needs import TOOL_KINDS, Ask, Call, Missing, Need, bond
from workflows.engine.record import INTERRUPTIONS, Failure, Record, Success
from workflows.engine.review import Cancelled
from workflows.engine.walk import Failed, sequence
from workflows.types import Answer, InputErrors, RequirementKind, RunStatus, StepOutput, StepStatus

OPENED = {
    RequirementKind.output_review: "StepOutputReview",
    RequirementKind.iteration_review: "StepOutputReview",
    RequirementKind.error: "StepError",
    RequirementKind.route: "RouterPaused",
    **dict.fromkeys(TOOL_KINDS, "ToolCallPaused"),
}

INTERRUPTED = Failure(
    error_type="Interrupted",
    message="The process that ran this step died before it could report what came of it.",
    interrupted=True,
)
# So often in a row a call may be cut off: after that it may be what takes the processes down.
MOST_INTERRUPTIONS = 3
# What is told of a place when its call begins.
BEGINNINGS = frozenset({"StepStarted", "StepContinued", "RunStarted", "ToolCallStarted"})


class Machine:
    """One run. `status` and `outcome` (why it ended so) are its own; everything else is in the journal. Where it is
    `followed`, calls tell what they have so far while they are under way."""

    def __init__(self, journal: Journal, inputs: Inputs, status: RunStatus = RunStatus.pending) -> None:
        self.journal, self.inputs = journal, inputs
        self.status, self.outcome = status, ""
        self.failure: Failure | None = None
        self.root = journal.reach(journal.plan.root, "")
        self.halted = self.followed = False
        self._refused = ""
        try:
            inputs.input = journal.plan.accept(opened(self.root, inputs.input))
        except InputErrors as wrong:  # also where the definition has changed meanwhile
            self._refused = str(wrong)
        self._flow = Flow(inputs=inputs, before=Before(journal))
        self._halt_asked: Callable[[], bool] = lambda: False
        self._in_flight: set[tuple[str, str]] = set()
        self._given: list[Call] = []

    def ready(self) -> list[Call]:
        """Walk the tree: the calls to start now. Afterwards `status` says where the run stands."""
        self.halted = self.halted or self._halt_asked()
        if self.status.finished or self.halted:
            return []
        if self.status is RunStatus.pending:
            self._tell("WorkflowStarted")
            if self._refused:
                self._end(RunStatus.error, "WorkflowError", self._refused, error=self._refused)
                return []
        try:
            sequence(self.root, self._flow)
        except Missing as missing:
            return self._need(missing.needs)
        except Cancelled as cancelled:
            self.cancel(str(cancelled))
        except Failed as failed:
            failed.close(self.root)
            self.failure = failed.failure
            self._end(RunStatus.error, "WorkflowError", str(failed), error=str(failed))
        else:
            self.root.move(StepStatus.completed)
            self._end(RunStatus.completed, "WorkflowCompleted")
        return []

    def finish(self, call: Call, result: Any) -> None:
        """Record what came of a call; nothing once the run has ended."""
        self._in_flight.discard((call.record.path, call.key))
        if self.status.finished:
            return
        if isinstance(result, Success):
            result = self._keep(call, result)
        call.record.settle(call.key, result)
        self.journal.wake(call.record.path)

    def give_back(self, call: Call) -> None:
        """A call that `ready` gave was never begun: whoever goes on finds it to do."""
        self._in_flight.discard((call.record.path, call.key))
        call.record.in_flight = None
        call.record.move(StepStatus.pending)
        self.journal.wake(call.record.path)

    def hold_back(self, changes: Changes) -> Changes:
        """The changes, without those calls that were to begin once they are saved, and what is told of that."""
        held = {call.record.path: call.record for call in changes.calls}
        for call in changes.calls:
            self.give_back(call)
        events = []
        for event in changes.events:
            if event.type in BEGINNINGS and event.path in held:
                del held[event.path].memo[f"told:{event.once}"]
            else:
                events.append(event)
        return replace(changes, events=events, calls=[])

    def answer(self, ask: Ask, answer: Answer, bound: str | None = None) -> None:
        """Record what a person said to an open question. Raises KeyError when it is not open.

        `bound` is the digest of the question that they answered, where it may be another one than `ask`.
        """
        del self.journal.open[ask.path, ask.key]
        record = self.journal.records[ask.path]
        record.remember(ask.key, answer)
        record.remember(bond(ask.key), ask.digest if bound is None else bound)
        record.move(StepStatus.pending)
        self.journal.wake(ask.path)
        self.status = RunStatus.running

    def interrupt(self, record: Record) -> None:
        """The call that this record had in flight was cut off by a crash: it is made again where it may be, and was
        not cut off too often already. Else its result is INTERRUPTED and a person is asked; a predicate, about which
        nobody is, has failed."""
        key, record.in_flight = record.in_flight, None
        assert key is not None
        record.move(StepStatus.pending)
        times = record.memo.get(INTERRUPTIONS, 0) + 1
        record.remember(INTERRUPTIONS, times)
        self.journal.tell("StepInterrupted", record, idempotency_key=self.inputs.key_of(record))
        is_asked = key.startswith("call:")
        is_repeated = not is_asked or getattr(record.node, "repeatable", True)
        if times >= MOST_INTERRUPTIONS or not is_repeated:
            record.settle(key, INTERRUPTED if is_asked else replace(INTERRUPTED, interrupted=False))

    def cancel(self, reason: str) -> None:
        """End the run, unless it has ended; what is in flight is not waited for, and what it brings is not recorded."""
        if self.status.finished:
            return
        self._end(RunStatus.cancelled, "WorkflowCancelled", reason, reason=reason)

    def halt(self) -> None:
        """Start no more calls; another process goes on from what is saved."""
        self.halted = True

    def halt_when(self, asked: Callable[[], bool]) -> None:
        """Halt as soon as somebody asks for it; looked at before calls are started."""
        self._halt_asked = asked

    @property
    def busy(self) -> bool:
        """A call has been started and has not come back."""
        return bool(self._in_flight)

    @property
    def asks(self) -> list[Ask]:
        """The open questions."""
        return list(self.journal.open.values())

    @property
    def output(self) -> StepOutput | None:
        """The output of the last step that has one."""
        last = self.root.memo.get("last")
        return self.journal.output(last) if last is not None else None

    def take(self) -> Changes:
        """What has changed since the last time."""
        changes = self.journal.take()
        changes.calls, self._given = self._given, []
        return changes

    def _keep(self, call: Call, success: Success) -> Any:
        """Store what a call gave back; the memo keeps the slot of an output, or a value that is small."""
        for event in success.events:
            self.journal.tell("CustomEvent", call.record, payload=event)
        if success.patch:
            self.journal.apply(self.inputs.state, success.patch, call.branch.record if call.branch else None)
        if success.graft is not None:
            self.journal.graft(call.record, success.graft)
            return Success(value=success.value)
        if success.encoded is None or success.outcome is None:
            return success.value
        self.journal.keep(call.record.path, success.outcome.slot, success.encoded)
        return Success(outcome=success.outcome, value=success.value)

    def _need(self, needs: tuple[Need, ...]) -> list[Call]:
        new: list[Call] = []
        for need in needs:
            if not isinstance(need, Call):
                self._open(*need)
            elif (need.record.path, need.key) not in self._in_flight:
                new.append(need)
        for call in new:
            self._in_flight.add((call.record.path, call.key))
            call.record.start(call.key)
        self._given += new
        self._rest(RunStatus.running if self._in_flight else RunStatus.paused)
        return new

    def _open(self, record: Record, ask: Ask) -> None:
        if (ask.path, ask.key) in self.journal.open:
            return
        void = ask.key in record.memo
        if void:
            self._void(record, ask)
        self.journal.ask(ask, anew=void)
        record.move(StepStatus.waiting)
        self.journal.tell(OPENED.get(ask.kind, "StepPaused"), record, key=ask.key, kind=ask.kind)

    def _void(self, record: Record, ask: Ask) -> None:
        """An answer was given to another question: it does not count."""
        for key in (ask.key, bond(ask.key)):
            record.memo.pop(key, None)
        self.journal.touch(record)
        reason = "What was decided on has changed"
        self.journal.tell("DecisionVoided", record, key=ask.key, kind=ask.kind, reason=reason)

    def _rest(self, status: RunStatus) -> None:
        if status is RunStatus.paused and self.status is not RunStatus.paused:
            self._tell("WorkflowPaused")
        self.status = status

    def _end(self, status: RunStatus, event: str, outcome: str = "", **data: Any) -> None:
        self.status, self.outcome = status, outcome
        self.journal.open.clear()
        self._tell(event, **data)

    def _tell(self, type: str, **data: Any) -> None:
        self.journal.say(Event(type=type, data=data))
