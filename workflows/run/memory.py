"""MemoryRuns: runs without a database. They end with the process, and nobody but it can decide about them.

A workflow that pauses in memory stays paused (spec 2.10); an agent on its own can be continued from there.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from workflows.engine.drivers import Begun
from workflows.engine.events import Event
from workflows.engine.flow import Inputs
from workflows.engine.machine import Machine
from workflows.engine.memory import MemoryStore
from workflows.engine.needs import Ask
from workflows.engine.plan import Plan
from workflows.errors import Unresolved
from workflows.history import History, Pair
from workflows.run.building import AnyRequirement, answer_of, matching
from workflows.run.facts import Facts, Question
from workflows.types import Answer, RunStatus

if TYPE_CHECKING:
    from workflows.ports import Given, Look

# A process that runs workflows for weeks keeps no more than this of them.
KEPT = 100


class MemoryRun:
    """One run in memory."""

    def __init__(self, plan: Plan, given: "Given", session_id: str, state: dict[str, Any]) -> None:
        self._store, self._given, self._created_at = MemoryStore(), given, int(time.time())
        self._questions: dict[tuple[str, str], Question] = {}
        inputs = Inputs(
            run_id=given.run_id or str(uuid4()), session_id=session_id, state=state, **given.lasting
        )
        self.machine = self._store.start(plan, inputs)

    def begun(self) -> Begun | None:
        """Nothing: what makes it does not drive it."""
        return None

    def save(self, machine: Machine) -> list[Event]:
        """Keep what changed."""
        events = self._store.save(machine)
        for ask in machine.asks:
            self._questions.setdefault((ask.path, ask.key), Question(ask=ask))
        return events

    def answer(self, answers: list[AnyRequirement]) -> None:
        """Take in what was answered. Raises Unresolved when that is nothing, ValueError for what does not fit."""
        given = [(ask, answer) for ask in self.machine.asks if (answer := _answer(answers, ask)) is not None]
        if self.machine.status is RunStatus.paused and not given:
            waiting = [ask.step_name for ask in self.machine.asks]
            raise Unresolved(f"Cannot continue run - unresolved step requirements: {waiting}")
        for ask, answer in given:
            ask.check(answer)
        for ask, answer in given:
            question = self._questions[ask.path, ask.key]
            question.answer, question.answered_at = answer, datetime.now(UTC)
            self.machine.answer(ask, answer)

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
            questions=list(self._questions.values()),
            given=self._given.lasting,
        )


class MemoryRuns:
    """The last runs of one workflow or agent object, and their sessions' states."""

    def __init__(self, *, continuable: bool = False) -> None:
        self._continuable = continuable
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
        """A paused run of this process, with what was answered. ValueError where nothing can be continued."""
        del plan, decided_by
        run = self._runs.get(run_id) if self._continuable else None
        if run is None:
            raise ValueError(
                f"Could not find session with id {session_id}: a workflow that pauses needs a db="
            )
        run.answer(answers)
        return run

    def look(self, plan: Plan, run_id: str, session_id: str | None) -> "Look | None":
        """A run of this process."""
        del plan, session_id
        run = self._runs.get(run_id)
        return (run.machine, run.facts) if run else None

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


def _answer(answers: list[AnyRequirement], ask: Ask) -> Answer | None:
    """What was answered to a question. ValueError where only an admin may: nobody here can tell who that is."""
    given = matching(answers, ask)
    answer = answer_of(given, ask) if given else None
    if answer is not None and (ask.tool or {}).get("approval") == "required":
        raise ValueError(f"Tool '{(ask.tool or {})['name']}' needs an admin's approval, and that needs a db=")
    return answer
