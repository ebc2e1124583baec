"""Flow: what a node is given: the run's inputs, what ran before it, and what people said about it alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from workflows.engine.plan import join

if TYPE_CHECKING:
    from workflows.engine.record import Record
from workflows.types import StepOutput


@dataclass(kw_only=True)
class Inputs:
    """What a run was started with, and the session's state as it is now; the same for every node."""

    run_id: str = ""
    session_id: str = ""
    input: Any = None
    additional_data: dict[str, Any] | None = None
    media: dict[str, list[Any]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


class Before(Mapping[str, StepOutput]):
    """The outputs of what ran before, by step name; looked up when asked for, the nearest first.

    Of several steps with one name the last one counts.
    """

    def __init__(self, record: "Record | None" = None, outer: "Before | None" = None) -> None:
        self._record, self._outer = record, outer
        self._end = record.cursor if record else 0

    @property
    def last(self) -> StepOutput | None:
        """The output of the step before."""
        if self._record is not None and "last" in self._record.memo:
            return self._record.journal.output(self._record.memo["last"])
        return self._outer.last if self._outer else None

    def __getitem__(self, name: str) -> StepOutput:
        if self._record is not None:
            for child in reversed(self._record.node.children[: self._end]):
                output = self._output(child.segment) if child.name == name else None
                if output is not None:
                    return output
        if self._outer is None:
            raise KeyError(name)
        return self._outer[name]

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._outer or ())
        if self._record is not None:
            done = self._record.node.children[: self._end]
            names |= dict.fromkeys(child.name for child in done if self._output(child.segment) is not None)
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _output(self, segment: str) -> StepOutput | None:
        assert self._record is not None
        return self._record.journal.output(join(self._record.path, segment))


class Inner(Sequence[StepOutput]):
    """The outputs of a container's children, in order, without those that people skipped; read when asked for."""

    def __init__(self, record: "Record") -> None:
        self._record = record

    def __getitem__(self, index: Any) -> Any:
        if index == -1 and "last" in self._record.memo:
            return self._record.journal.output(self._record.memo["last"])
        return self._outputs()[index]

    def __len__(self) -> int:
        return int(self._record.memo.get("kept", 0))

    def _outputs(self) -> list[StepOutput]:
        record = self._record
        done = record.node.children[: record.cursor]
        found = (record.journal.output(join(record.path, child.segment)) for child in done)
        return [output for output in found if output is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What one node is given. `notes` are what people said about this node: seen by it alone."""

    inputs: Inputs
    before: Before = field(default_factory=Before)
    notes: dict[str, Any] = field(default_factory=dict)

    def noting(self, **notes: Any) -> Self:
        """With more notes for the same node."""
        return replace(self, notes=self.notes | notes)

    def into(self, container: "Record") -> "Flow":
        """What the child at the container's cursor is given."""
        return Flow(inputs=self.inputs, before=Before(container, self.before))
