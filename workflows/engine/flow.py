"""Flow: what a node is given: the run's inputs, what ran before it, and what people said about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from workflows.engine import patches
from workflows.engine.inner import place
from workflows.engine.plan import GIVEN, join
from workflows.types import MEDIA, Answer, StepOutput

if TYPE_CHECKING:
    from workflows.engine.journal import Journal
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

    def key_of(self, record: "Record") -> str:
        """The idempotency key of a place's call: the same one, however often it is cut off, until it comes back."""
        return f"{self.run_id}:{record.path}:{record.tries + 1}"


class Before(Mapping[str, StepOutput]):
    """The outputs of what ran before, by step name; looked up when asked for, the nearest first.

    Of several steps with one name the last one counts. `record` is the group in which the looking step stands;
    `last`, a path, overrides what counts as the step before, until the group has one of its own.
    """

    __slots__ = ("_end", "_journal", "_outer", "_record", "last")

    def __init__(
        self,
        journal: "Journal",
        record: "Record | None" = None,
        outer: "Before | None" = None,
        last: str = "",
    ) -> None:
        self._journal, self._record, self._outer = journal, record, outer
        self._end = record.cursor if record is not None else 0
        inside = record.memo.get("last") if record is not None else None
        self.last: str | None = inside or last or (outer.last if outer is not None else None)

    def content(self) -> Any:
        """The deepest content of the step before."""
        return self._journal.content(self.last) if self.last is not None else None

    @property
    def place(self) -> tuple[str, str] | None:
        """Where that content is kept."""
        return place(self._journal, self.last) if self.last is not None else None

    def media(self) -> dict[str, list[Any]]:
        """The media of everything that ran before, oldest first; looks inside where there are any."""
        found = self._outer.media() if self._outer is not None else {}
        if self._record is not None and self._record.memo.get("media"):
            for child in self._record.lineup[: self._end]:
                output = self._output(child.segment)
                if output is not None:
                    _collect(output, found)
        return found

    def __getitem__(self, name: str) -> StepOutput:
        for segment in reversed(self._segments(name)):
            output = self._output(segment)
            if output is not None:
                return output
        if self._outer is None:
            raise KeyError(name)
        return self._outer[name]

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._outer if self._outer is not None else ())
        if self._record is not None:
            done = self._record.lineup[: self._end]
            names |= dict.fromkeys(child.name for child in done if self._kept(child.segment))
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _segments(self, name: str) -> list[str]:
        if self._record is None:
            return []
        return [child.segment for child in self._record.lineup[: self._end] if child.name == name]

    def _output(self, segment: str) -> StepOutput | None:
        assert self._record is not None
        return self._journal.output(join(self._record.path, segment))

    def _kept(self, segment: str) -> bool:
        assert self._record is not None
        record = self._journal.find(join(self._record.path, segment))
        return record is not None and record.slot is not None


@dataclass(kw_only=True, slots=True)
class Flow:
    """What one node is given. Never changed; not frozen, as that would triple the price of making one.

    `notes` are what people said about this node, seen by it alone; `carried` are notes for everything inside it.
    `answer` is what they said before it ran. `given` is the path of the output that stands in for the run's input.
    `branch` is the innermost parallel branch around it. `granted` are the failures, by path and try, to which a
    person that a container asked has said "once more".
    """

    inputs: Inputs
    before: Before
    notes: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    given: str | None = None
    branch: "Branch | None" = None
    granted: frozenset[tuple[str, str]] = frozenset()

    def noting(self, **notes: Any) -> Self:
        """With more notes for the same node."""
        return replace(self, notes=self.notes | notes)

    def carrying(self, **notes: Any) -> Self:
        """With more notes for everything inside."""
        return replace(self, carried=self.carried | notes)

    def grants(self, path: str) -> int:
        """How often a person has said "once more" to a failure at a path."""
        return sum(1 for granted, _ in self.granted if granted == path)

    def into(self, group: "Record") -> "Flow":
        """What the child at a group's cursor is given."""
        return Flow(
            inputs=self.inputs,
            before=Before(group.journal, group, self.before),
            notes=self.carried,
            carried=self.carried,
            given=self.given,
            branch=self.branch,
            granted=self.granted,
        )

    def beside(self, branch: "Record") -> Self:
        """What one of several parallel branches is given."""
        return replace(self, notes=self.carried, answer=None, branch=Branch(branch, self.branch))

    def instead(self, record: "Record") -> Self:
        """With what a place was given in a fork, instead of what it would get: its input, where nothing ran before."""
        path, last = join(record.path, GIVEN), self.before.last
        if last is None:
            return replace(self, given=path)
        given = path if self.given == last else self.given
        return replace(self, before=Before(record.journal, outer=self.before, last=path), given=given)

    def forwarding(self, group: "Record") -> Self:
        """With the last output of a group in the place of the input and of the step before."""
        last = group.memo["last"]
        return replace(self, before=Before(group.journal, outer=self.before, last=last), given=last)


@dataclass(frozen=True, slots=True)
class Branch:
    """A parallel branch and the one around it: where a step in it finds the session's state, and changes it."""

    record: "Record"
    outer: "Branch | None" = None

    def apply(self, state: dict[str, Any]) -> None:
        """Make of the session's state what this branch sees."""
        if self.outer is not None:
            self.outer.apply(state)
        patches.apply(state, self.record.memo.get("patch", {}))


def _collect(output: StepOutput, found: dict[str, list[Any]]) -> None:
    for kind in MEDIA:
        if getattr(output, kind):
            found.setdefault(kind, []).extend(getattr(output, kind))
    for inner in output.steps or ():
        _collect(inner, found)
