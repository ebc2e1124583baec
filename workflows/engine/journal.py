"""Journal: the records of one run, its values and open questions, and what has changed since the last save.

Only the frontier of a run is loaded: the records that are not finished. Finished ones, and values, are fetched
through `Archive` when a step looks back at them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from workflows.engine import snapshot, values
from workflows.engine.events import Event
from workflows.engine.flow import Inner
from workflows.engine.needs import Ask
from workflows.engine.plan import Node, Plan
from workflows.engine.record import Record, Success
from workflows.types import StepOutput


class Archive(Protocol):
    """What is stored of one run already."""

    def record(self, path: str) -> "snapshot.Saved | None":
        """The record at a path."""

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot."""


class Nothing:
    """The archive of a run that has just begun."""

    def record(self, path: str) -> "snapshot.Saved | None":
        """Nothing has happened yet."""
        del path
        return None

    def value(self, path: str, slot: str) -> str:
        """Nothing is stored yet."""
        raise KeyError(f"{path}#{slot}")


@dataclass(kw_only=True, eq=False)
class Changes:
    """What a save has to write. `values` are (path, slot, encoded)."""

    records: list[Record] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class Journal:
    """What is known of one run."""

    def __init__(self, plan: Plan, archive: Archive | None = None) -> None:
        self.plan = plan
        self.records: dict[str, Record] = {}
        self.open: dict[tuple[str, str], Ask] = {}
        self._archive: Archive = archive or Nothing()
        self._texts: dict[tuple[str, str], str] = {}
        self._touched: dict[str, Record] = {}
        self._changes = Changes()

    def restore(self, saved: Iterable["snapshot.Saved"]) -> list[Record]:
        """Take in what was stored. Raises DefinitionChanged where the plan has no such place."""
        return [self._restored(row) for row in saved]

    def reach(self, node: Node, path: str) -> Record:
        """The record at a path where the walk has arrived; a new one on the first arrival."""
        record = self.records.get(path)
        if record is None:
            record = self.records[path] = Record(journal=self, node=node, path=path)
            self.touch(record)
        return record

    def output(self, path: str) -> StepOutput | None:
        """The output of a place that is done; None when it was skipped, or never reached."""
        record = self.records.get(path)
        if record is None:
            saved = self._archive.record(path)
            record = self._restored(saved) if saved else None
        return record.output if record else None

    def value(self, record: Record, slot: str) -> StepOutput:
        """A stored output: decoded for each reader, so that nobody can change what another one reads."""
        key = record.path, slot
        if key not in self._texts:
            self._texts[key] = self._archive.value(*key)
        output = StepOutput.from_dict(values.decode(self._texts[key]))
        composite = bool(record.node.children) and output.steps is not None
        return replace(output, steps=Inner(record)) if composite else output

    def store(self, record: Record, slot: str, output: StepOutput) -> None:
        """Keep an output, unless its slot holds it already."""
        if (record.path, slot) in self._texts or _stands_in(record.memo, slot):
            return
        # A composite's inner outputs stand under their own paths: [] says that there are some to look for.
        bare = replace(output, steps=[]) if isinstance(output.steps, Inner) else output
        self.keep(record.path, slot, values.encode(bare.to_dict()))

    def keep(self, path: str, slot: str, encoded: str) -> None:
        """Keep an encoded output; it is written once. What a slot holds never changes."""
        self._texts[path, slot] = encoded
        self._changes.values.append((path, slot, encoded))

    def touch(self, record: Record) -> None:
        """The record must be saved."""
        self._touched[record.path] = record

    def ask(self, ask: Ask) -> None:
        """A question to people, from now on open."""
        self.open[ask.path, ask.key] = ask
        self._changes.asks.append(ask)

    def patch(self, patch: dict[str, Any]) -> None:
        """A change of the session's state."""
        self._changes.patches.append(patch)

    def tell(self, type: str, record: Record, **data: Any) -> None:
        """An event about a place."""
        node = record.node
        self.say(Event(type=type, path=record.path, step_name=node.name, step_index=node.index, data=data))

    def say(self, event: Event) -> None:
        """An event, as it is."""
        self._changes.events.append(event)

    def take(self) -> Changes:
        """What has changed since the last time; the caller writes it."""
        changes, self._changes = self._changes, Changes()
        changes.records, self._touched = list(self._touched.values()), {}
        return changes

    def _restored(self, saved: "snapshot.Saved") -> Record:
        record = snapshot.restore(saved, self.plan, self)
        self.records[saved.path] = record
        return record


def _stands_in(memo: dict[str, Any], slot: str) -> bool:
    """A call's result stands under the call's own key, and was stored when it came back."""
    return isinstance(memo.get(slot), Success)
