"""Flow: what a node is given: the run's inputs, what ran before it, and what people said about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from workflows.engine.inner import place
from workflows.engine.plan import join
from workflows.types import Answer, StepOutput

if TYPE_CHECKING:
    from workflows.engine.record import Record


@dataclass(kw_only=True)
class Inputs:
    """What a run was started with, and the session's state as it is now; the same for every node."""

    run_id: str = ""
    session_id: str = ""
    input: Any = None
    additional_data: dict[str, Any] | None = None
    dependencies: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    user_id: str | None = None
    media: dict[str, list[Any]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    session: Any = None


class Before(Mapping[str, StepOutput]):
    """The outputs of what ran before, by step name; looked up when asked for, the nearest first.

    Of several steps with one name the last one counts. `record` is the group in which the looking step stands;
    `last` overrides what counts as the output of the step before, until the group has one of its own.
    """

    def __init__(
        self,
        record: "Record | None" = None,
        outer: "Before | None" = None,
        last: Callable[[], StepOutput | None] | None = None,
    ) -> None:
        self._record, self._outer, self._last = record, outer, last
        self._end = record.cursor if record else 0

    @property
    def last(self) -> StepOutput | None:
        """The output of the step before."""
        if self._record is not None and "last" in self._record.memo:
            return self._record.journal.output(self._record.memo["last"])
        if self._last is not None:
            return self._last()
        return self._outer.last if self._outer else None

    @property
    def place(self) -> tuple[str, str] | None:
        """Where the content of the step before is kept."""
        if self._record is not None and "last" in self._record.memo:
            return place(self._record.journal, self._record.memo["last"])
        return self._outer.place if self._outer else None

    def __getitem__(self, name: str) -> StepOutput:
        for segment in reversed(self._segments(name)):
            output = self._output(segment)
            if output is not None:
                return output
        if self._outer is None:
            raise KeyError(name)
        return self._outer[name]

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._outer or ())
        if self._record is not None:
            done = self._record.lineup[: self._end]
            names |= dict.fromkeys(child.name for child in done if self._output(child.segment) is not None)
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _segments(self, name: str) -> list[str]:
        if self._record is None:
            return []
        return [child.segment for child in self._record.lineup[: self._end] if child.name == name]

    def _output(self, segment: str) -> StepOutput | None:
        assert self._record is not None
        return self._record.journal.output(join(self._record.path, segment))


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What one node is given.

    `notes` are what people said about this node, seen by it alone; `carried` are notes for everything inside it.
    `answer` is what they said before it ran. `given` replaces the run's input. `branches` names the parallel
    branches around it, whose changes of the session's state it sees and adds to. `granted` counts, by path, how
    often a person has said "once more" to a failure that a container asked about.
    """

    inputs: Inputs
    before: Before = field(default_factory=Before)
    notes: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    given: Callable[[], Any] | None = None
    branches: tuple[tuple["Record", str], ...] = ()
    granted: Mapping[str, int] = field(default_factory=dict)

    @property
    def input(self) -> Any:
        """The input of a step here."""
        return self.given() if self.given else self.inputs.input

    def noting(self, **notes: Any) -> Self:
        """With more notes for the same node."""
        return replace(self, notes=self.notes | notes)

    def carrying(self, **notes: Any) -> Self:
        """With more notes for everything inside."""
        return replace(self, carried=self.carried | notes)

    def into(self, group: "Record") -> Self:
        """What the child at a group's cursor is given."""
        return replace(self, before=Before(group, self.before), notes=self.carried, answer=None)

    def beside(self, group: "Record", segment: str) -> Self:
        """What one of several parallel branches is given."""
        branches = (*self.branches, (group, segment))
        return replace(self, notes=self.carried, answer=None, branches=branches)

    def forwarding(self, last: Callable[[], StepOutput | None]) -> Self:
        """With another step's output in the place of the input and of the step before."""
        return replace(self, before=Before(outer=self.before, last=last), given=lambda: content_of(last()))


def content_of(output: StepOutput | None) -> Any:
    """The deepest content of an output, None where there is no output."""
    return None if output is None else output.deepest
