"""MemoryRuns: runs of a workflow without a database. They end with the process; one that pauses stays paused."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from workflows.engine.events import Event
from workflows.engine.flow import Inputs
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.engine.plan import Plan
from workflows.history import History, Pair
from workflows.run.building import AnyRequirement, Facts, Question, output_of
from workflows.run.output import WorkflowRunOutput
from workflows.types import RunStatus

if TYPE_CHECKING:
    from workflows.ports import Given

# A process that runs workflows for weeks keeps no more than this of them.
KEPT = 100


class MemoryRun:
    """One run in memory."""

    def __init__(self, plan: Plan, given: "Given", session_id: str, state: dict[str, Any]) -> None:
        self._store, self._given, self._created_at = MemoryStore(), given, int(time.time())
        inputs = Inputs(
            run_id=given.run_id or str(uuid4()), session_id=session_id, state=state, **given.lasting
        )
        self.machine = self._store.start(plan, inputs)

    def save(self, machine: Machine) -> list[Event]:
        """Keep what changed."""
        return self._store.save(machine)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Nobody else can take it over."""
        yield

    def more(self) -> bool:
        """Nobody can decide meanwhile."""
        return False

    @property
    def pair(self) -> Pair:
        """What it was given, and what came of it."""
        output = self.machine.output
        return self._given.input, output.deepest if output else None

    @property
    def facts(self) -> Facts:
        """What is known of it."""
        inputs = self.machine.inputs
        return Facts(
            run_id=inputs.run_id,
            session_id=inputs.session_id,
            user_id=self._given.user_id,
            input=self._given.input,
            metadata=self._given.metadata,
            created_at=self._created_at,
            questions=[Question(ask=ask) for ask in self.machine.asks],
        )


class MemoryRuns:
    """The last runs of one workflow object, and their sessions' states."""

    def __init__(self) -> None:
        self._runs: dict[str, MemoryRun] = {}
        self._states: dict[str, dict[str, Any]] = {}

    def start(self, plan: Plan, given: "Given") -> MemoryRun:
        """A new run."""
        session_id = given.session_id or str(uuid4())
        known = self._states.pop(session_id, {})
        both = (given.session_state, known)
        first, last = both[::-1] if given.overwrite_session_state else both
        run = MemoryRun(plan, given, session_id, first | last)
        run.machine.inputs.session = History(
            session_id, lambda count: [done.pair for done in self._done(session_id)[-count:]], plan.history
        )
        self._states[session_id] = run.machine.inputs.state
        self._runs[run.machine.inputs.run_id] = run
        for kept in (self._runs, self._states):
            if len(kept) > KEPT:
                del kept[next(iter(kept))]
        return run

    def resume(
        self, plan: Plan, run_id: str, session_id: str | None, answers: list[AnyRequirement], decided_by: str
    ) -> MemoryRun:
        """Nothing can be continued without a database (spec 2.10)."""
        del plan, run_id, answers, decided_by
        raise ValueError(f"Could not find session with id {session_id}: a workflow that pauses needs a db=")

    def output(self, plan: Plan, run_id: str, session_id: str | None) -> WorkflowRunOutput | None:
        """A run of this process."""
        del plan, session_id
        run = self._runs.get(run_id)
        return output_of(run.machine, run.facts) if run else None

    def run_ids(self, plan: Plan, session_id: str) -> list[str]:
        """The runs of a session in this process, newest last."""
        del plan
        mine = (run.machine.inputs for run in self._runs.values())
        return [inputs.run_id for inputs in mine if inputs.session_id == session_id]

    def state(self, session_id: str) -> dict[str, Any] | None:
        """A session's state."""
        return self._states.get(session_id)

    def cancel(self, run_id: str) -> bool:
        """End a run of this process."""
        run = self._runs.get(run_id)
        if run is None or run.machine.status.finished:
            return False
        run.machine.cancel("Cancelled by script")
        return True

    def _done(self, session_id: str) -> list[MemoryRun]:
        mine = (run for run in self._runs.values() if run.machine.inputs.session_id == session_id)
        return [run for run in mine if run.machine.status is RunStatus.completed]
