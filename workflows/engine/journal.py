"""Journal: the records of one run, its values and open questions, and what has changed since the last save.

Only the frontier of a run is loaded: the records that are not finished. Finished ones, and values, are fetched
through `Archive` when a step looks back at them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from workflows.engine import patches, snapshot, values
from workflows.engine.events import Event
from workflows.engine.inner import DERIVED, Inner, place
from workflows.engine.needs import Ask, Call
from workflows.engine.plan import Node, Plan, join
from workflows.engine.record import Graft, Record
from workflows.types import StepOutput

# Encoded values, by path and slot.
Texts = dict[tuple[str, str], str]


class Archive(Protocol):
    """What is stored of one run already."""

    def record(self, path: str) -> "snapshot.Saved | None":
        """The record at a path."""

    def value(self, path: str, slot: str) -> str:
        """The encoded value of a slot. Raises KeyError where there is none."""

    def inside(self, path: str) -> "tuple[list[snapshot.Saved], Texts]":
        """All records and values at a path and below it."""


class Nothing:
    """The archive of a run that has just begun."""

    def record(self, path: str) -> "snapshot.Saved | None":
        """Nothing has happened yet."""
        del path
        return None

    def value(self, path: str, slot: str) -> str:
        """Nothing is stored yet."""
        raise KeyError(f"{path}#{slot}")

    def inside(self, path: str) -> "tuple[list[snapshot.Saved], Texts]":
        """Nothing is stored yet."""
        del path
        return [], {}


@dataclass(kw_only=True, eq=False)
class Changes:
    """What a save has to write. `values` are (path, slot, encoded); `calls` begin once it is written."""

    records: list[Record] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    asks_anew: list[Ask] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def and_then(self, later: "Changes") -> "Changes":
        """These, and what has changed since."""
        return Changes(
            records=list(dict.fromkeys([*self.records, *later.records])),
            values=[*self.values, *later.values],
            asks=[*self.asks, *later.asks],
            asks_anew=[*self.asks_anew, *later.asks_anew],
            patches=[*self.patches, *later.patches],
            events=[*self.events, *later.events],
            calls=[*self.calls, *later.calls],
        )


class Journal:
    """What is known of one run."""

    def __init__(self, plan: Plan, archive: Archive | None = None) -> None:
        self.plan = plan
        self.records: dict[str, Record] = {}
        self.open: dict[tuple[str, str], Ask] = {}
        # The answers, by path and key, that were found to be about what is there.
        self.unchanged: set[tuple[str, str]] = set()
        self._archive: Archive = archive or Nothing()
        self._texts: Texts = {}
        self._gathered: set[str] = set()
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

    def reach_at(self, record: Record, segment: str) -> Record:
        """The record at a segment inside another one."""
        node = record.node.at(segment)
        assert node is not None
        return self.reach(node, join(record.path, segment))

    def find(self, path: str) -> Record | None:
        """The record at a path, fetched where it is done and not in memory; None when the run never came there."""
        record = self.records.get(path)
        if record is None:
            saved = self._archive.record(path)
            record = self._restored(saved) if saved else None
        return record

    def gather(self, path: str) -> None:
        """Fetch at once what is stored at a path and below it; only the first time."""
        if path in self._gathered:
            return
        self._gathered.add(path)
        saved, texts = self._archive.inside(path)
        self._texts = texts | self._texts
        for row in saved:
            if row.path not in self.records:
                self._restored(row)

    def output(self, path: str) -> StepOutput | None:
        """The output of a place that is done; None when it was skipped, or never reached."""
        record = self.find(path)
        return record.output if record else None

    def content(self, path: str) -> Any:
        """The deepest content of a place that is done; reads that value alone where there is one."""
        found = place(self, path)
        if found is None:
            return None
        record = self.find(path)
        if record is None:  # given instead of what came before
            return values.decode_part(self._text(*found), "content")
        if found[0] == path and record.node.children:  # edited, or nothing came of what stands inside
            return record.output.deepest if record.output else None
        return values.decode_part(self._text(*found), "content")

    def value(self, record: Record, slot: str) -> StepOutput:
        """A stored output: decoded for each reader, so that nobody can change what another one reads."""
        data = values.decode(self._text(record.path, slot))
        if "inner" not in data:
            return StepOutput.of(data)
        inner = Inner.from_dict(self, data["inner"])
        output = replace(StepOutput.of(data), steps=inner)
        return replace(output, content=DERIVED[data["derived"]](inner)) if "derived" in data else output

    def data(self, record: Record, slot: str) -> dict[str, Any]:
        """All that is stored in a slot, beyond what an output has."""
        found: dict[str, Any] = values.decode(self._text(record.path, slot))
        return found

    def has(self, path: str, slot: str) -> bool:
        """Something is kept there."""
        try:
            return bool(self._text(path, slot))
        except KeyError:
            return False

    def inner(self, record: Record, slot: str) -> Inner | None:
        """What stands inside a stored output, where anything does."""
        if not record.node.children:
            return None
        data = json.loads(self._text(record.path, slot))
        return Inner.from_dict(self, data["inner"]) if "inner" in data else None

    def flowing(self, record: Record, slot: str) -> Any:
        """The content of a stored output that flows on, for a record that is not done yet."""
        where = self.evidence(record, slot)
        if (
            where == (record.path, slot) and record.node.children
        ):  # edited, or nothing came of what stands inside
            return self.value(record, slot).deepest
        return values.decode_part(self._text(*where), "content")

    def evidence(self, record: Record, slot: str) -> tuple[str, str]:
        """Where the content of a stored output is kept: of a group, the last one inside, which is what flows on."""
        inner = self.inner(record, slot)
        return (inner.place if inner is not None else None) or (record.path, slot)

    def store(self, record: Record, slot: str, output: StepOutput, derived: str | None) -> None:
        """Keep an output; of inner outputs, which stand under their own paths, where they are."""
        data = output.parts() if output.steps is None else replace(output, steps=None).parts()
        if isinstance(output.steps, Inner):
            data["inner"] = output.steps.to_dict()
        elif output.steps is not None:
            data["steps"] = [inner.parts() for inner in output.steps]
        if derived:
            data |= {"derived": derived, "content": None}
        self.keep(record.path, slot, values.encode(data))

    def keep(self, path: str, slot: str, encoded: str) -> None:
        """Keep an encoded output; it is written once. What a slot holds never changes."""
        self._texts[path, slot] = encoded
        self._changes.values.append((path, slot, encoded))

    def packed(self, path: str) -> "tuple[list[snapshot.Saved], Texts]":
        """What is stored of a place and of everything inside it."""
        return self._archive.inside(path)

    def graft(self, record: Record, graft: Graft) -> None:
        """Keep what another run has stored as if it had happened inside this record."""
        place, old = join(record.path, graft.segment), len(graft.root)
        for (path, slot), text in graft.texts.items():
            self.keep(place + path[old:], slot, text)
        for saved in graft.records:
            path = place + saved.path[old:]
            node = self.plan.find(path)
            # What was a step in its own run is something inside a step here.
            kind = saved.kind if node is None else str(node.kind)
            self.touch(self._restored(replace(saved, path=path, kind=kind)))

    def touch(self, record: Record) -> None:
        """The record must be saved."""
        self._touched[record.path] = record

    def wake(self, path: str) -> None:
        """Something has happened at a place: the parallel branches around it are to be walked again."""
        group, _, inside = path.rpartition("/")
        while inside:
            record = self.records.get(group)
            if record is not None and record.awake is not None:
                record.awake.add(inside)
            group, _, inside = group.rpartition("/")

    def ask(self, ask: Ask, *, anew: bool = False) -> None:
        """A question to people, from now on open; `anew`: it was answered before."""
        self.open[ask.path, ask.key] = ask
        (self._changes.asks_anew if anew else self._changes.asks).append(ask)

    def apply(self, state: dict[str, Any], patch: dict[str, Any], branch: Record | None) -> None:
        """A change of the session's state; inside a parallel branch it waits there until all branches are done."""
        if branch is None:
            patches.apply(state, patch)
            self._changes.patches.append(patch)
        else:
            branch.remember("patch", patches.combine(branch.memo.get("patch", {}), patch))

    def tell(self, type: str, record: Record, payload: Any = None, **data: Any) -> None:
        """An event about a place."""
        event = record.event(type, **data)
        event.payload = payload
        self.say(event)

    def say(self, event: Event) -> None:
        """An event, as it is."""
        self._changes.events.append(event)

    def take(self) -> Changes:
        """What has changed since the last time; the caller writes it."""
        changes, self._changes = self._changes, Changes()
        changes.records, self._touched = list(self._touched.values()), {}
        return changes

    def _text(self, path: str, slot: str) -> str:
        key = path, slot
        if key not in self._texts:
            self._texts[key] = self._archive.value(path, slot)
        return self._texts[key]

    def _restored(self, saved: "snapshot.Saved") -> Record:
        record = snapshot.restore(saved, self.plan, self)
        self.records[saved.path] = record
        return record
