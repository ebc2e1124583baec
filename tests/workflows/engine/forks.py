"""A fork of a run in memory: as the service makes one, without a database."""

import json
from dataclasses import asdict
from typing import Any

from tests.workflows.engine.runs import Run
from workflows.engine import values
from workflows.engine.flow import Inputs
from workflows.engine.forking import Cut, content_at, cut, failed_at, uncut
from workflows.engine.memory import MemoryStore
from workflows.engine.plan import GIVEN
from workflows.types import RunStatus

SAME = object()


class Fork(Run):
    """A new run that begins where another one came to a place, with another input if one is given."""

    def __init__(self, old: Run, path: str, given: Any = SAME, mark: str = "fork", **inputs: Any) -> None:
        changed = given is not SAME
        saved, texts = old.store.inside("")
        made = cut(old.workflow.plan.outline, saved, path, mark=mark, given=changed)
        if changed:
            texts[path, GIVEN] = values.encode({"content": given})
            made.slots[path].add(GIVEN)
        self._begin(old, made, texts, inputs)

    def _begin(self, old: Run, made: Cut, texts: dict[tuple[str, str], str], inputs: dict[str, Any]) -> None:
        self.workflow, self.cut, self.told = old.workflow, made, []
        self.store = MemoryStore()
        given = vars(old.machine.inputs) | inputs | {"run_id": "fork"}
        self.store.start(old.workflow.plan, Inputs(**given))
        self.store.status = RunStatus.running
        self.store._records = {record.path: json.dumps(asdict(record)) for record in made.records}
        self.store._values = {
            (path, slot): text
            for (path, slot), text in texts.items()
            if path in made.whole or slot in made.slots.get(path, ())
        }
        self.machine = self.store.load(old.workflow.plan)
        self.drive()


class Retry(Fork):
    """A new run that tries once more what ended another one."""

    def __init__(self, old: Run) -> None:
        saved, texts = old.store.inside("")
        path = failed_at(saved)
        self._begin(
            old, uncut(saved) if path is None else cut(old.workflow.plan.outline, saved, path), texts, {}
        )


def gets(old: Run, path: str) -> Any:
    """What a place was given, as the form of a fork shows it; None: the run's own input."""
    saved, texts = old.store.inside("")
    made = cut(old.workflow.plan.outline, saved, path)
    records = {record.path: record for record in made.records}
    return made.gets and content_at(made.gets, records, lambda at, slot: json.loads(texts[at, slot]))
