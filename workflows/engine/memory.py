"""MemoryStore: one run kept as encoded data, as a database would keep it; for tests, also those of authors.

It holds text alone, so that whatever `load` gives back has gone through the same door as in production. It knows no
people and no other run.
"""

import json
from dataclasses import fields
from typing import Any

from workflows.engine import patches, snapshot, values
from workflows.engine.events import Event
from workflows.engine.flow import Inputs
from workflows.engine.journal import Changes, Journal, Texts
from workflows.engine.machine import Machine
from workflows.engine.needs import Ask
from workflows.engine.plan import Plan
from workflows.types import RunStatus, StepStatus

FIELDS = tuple(field.name for field in fields(snapshot.Saved))


class MemoryStore:
    """The store and the archive of one run.

    `start` begins it, `save` is what a driver is given, `load` is what a fresh process would find. `reads` counts
    what was looked up in the archive.
    """

    def __init__(self) -> None:
        self.status, self.outcome = RunStatus.pending, ""
        self.events: list[Event] = []
        self.reads = 0
        self._inputs = self._state = "{}"
        self._records: dict[str, str] = {}
        self._values: dict[tuple[str, str], str] = {}
        self._asks: dict[tuple[str, str], str] = {}

    def start(self, plan: Plan, inputs: Inputs | None = None) -> Machine:
        """A new run of a plan. Raises UnencodableValue when it cannot be kept what it is started with."""
        given = inputs or Inputs(run_id="run")
        lasting = {name: value for name, value in vars(given).items() if name != "state"}
        self._inputs, self._state = values.encode(lasting), json.dumps(given.state)
        return self.load(plan)

    def load(self, plan: Plan) -> Machine:
        """The run as a new process finds it: calls that were in flight are interrupted. Raises DefinitionChanged."""
        journal = Journal(plan, self)
        found = [self._saved(text) for text in self._records.values()]
        records = journal.restore(saved for saved in found if not StepStatus(saved.status).finished)
        for text in self._asks.values():
            ask = Ask.from_dict(json.loads(text))
            journal.open[ask.path, ask.key] = ask
        inputs = Inputs(**values.decode(self._inputs), state=json.loads(self._state))
        resumed = RunStatus.running if self.status is RunStatus.paused else self.status
        machine = Machine(journal, inputs, resumed)
        for record in records:
            if record.in_flight is not None:
                machine.interrupt(record)
        return machine

    def save(self, machine: Machine) -> list[Event]:
        """Keep what has changed; the events are for whoever follows the run."""
        changes = machine.take()
        self._keep(changes)
        asked = (*changes.asks, *changes.asks_anew)
        self._asks |= {(ask.path, ask.key): json.dumps(ask.to_dict()) for ask in asked}
        self._asks = {key: text for key, text in self._asks.items() if key in machine.journal.open}
        self.status, self.outcome = machine.status, machine.outcome
        self.events += changes.events
        return changes.events

    def record(self, path: str) -> snapshot.Saved | None:
        """The record at a path."""
        self.reads += 1
        return self._saved(self._records[path]) if path in self._records else None

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot."""
        self.reads += 1
        return self._values[path, slot]

    def inside(self, path: str) -> tuple[list[snapshot.Saved], Texts]:
        """All records and values at a path and below it."""
        self.reads += 1
        below = f"{path}/" if path else ""
        saved = [self._saved(text) for where, text in self._records.items() if f"{where}/".startswith(below)]
        return saved, {key: text for key, text in self._values.items() if f"{key[0]}/".startswith(below)}

    @property
    def state(self) -> dict[str, Any]:
        """The session's state, as it was last saved."""
        return dict(json.loads(self._state))

    def _keep(self, changes: Changes) -> None:
        for path, slot, text in changes.values:
            assert (path, slot) not in self._values, f"{path}#{slot} is written twice"
            self._values[path, slot] = text
        for record in changes.records:
            saved = snapshot.save(record)
            evidence = saved.slot is None or (saved.path, saved.slot) in self._values
            assert evidence, f"{saved.path}#{saved.slot} is missing"
            self._records[saved.path] = json.dumps(
                {name: getattr(saved, name) for name in FIELDS}, allow_nan=False
            )
        for ask in changes.asks:
            assert ask.evidence is None or ask.evidence in self._values, f"{ask.evidence} is missing"
        state = self.state
        for patch in changes.patches:
            patches.apply(state, patch)
        self._state = json.dumps(state, allow_nan=False)

    def _saved(self, text: str) -> snapshot.Saved:
        return snapshot.Saved(**json.loads(text))
