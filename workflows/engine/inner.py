"""Inner: the outputs inside a composite's output, read from their own records when somebody looks.

They are stored once, under their own paths; what is stored with the composite is only where to find them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workflows.engine.plan import GIVEN, join
from workflows.types import StepOutput
from workflows.types.step_io import as_text

if TYPE_CHECKING:
    from workflows.engine.journal import Journal


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What a person put in the place of the last content."""

    content: Any


class Inner(Sequence[StepOutput]):
    """The outputs of the group at `path`, in order, without those that people skipped; of its first `iterations`
    numbered groups where that is given. With an edit, the last output has the edited content, all the way down."""

    def __init__(
        self, journal: "Journal", path: str, iterations: int | None = None, edit: Edit | None = None
    ) -> None:
        self._journal, self._path, self._iterations, self._edit = journal, path, iterations, edit

    def __getitem__(self, index: Any) -> Any:
        if index == -1:
            return self._last()
        return list(self)[index]

    def __len__(self) -> int:
        return sum(1 for _ in self._paths())

    def __bool__(self) -> bool:
        return self.last_path is not None

    def __iter__(self) -> Iterator[StepOutput]:
        outputs = [output for output in map(self._journal.output, self._paths()) if output is not None]
        if outputs:
            outputs[-1] = self._edited(outputs[-1])
        return iter(outputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    def edited(self, content: Any) -> "Inner":
        """The same with another last content."""
        return Inner(self._journal, self._path, self._iterations, Edit(content=content))

    def to_dict(self) -> dict[str, Any]:
        """Where the outputs are."""
        data: dict[str, Any] = {"path": self._path, "iterations": self._iterations}
        return data | ({"edit": self._edit.content} if self._edit else {})

    @classmethod
    def from_dict(cls, journal: "Journal", data: dict[str, Any]) -> "Inner":
        """The view that `to_dict` described."""
        edit = Edit(content=data["edit"]) if "edit" in data else None
        return cls(journal, data["path"], data["iterations"], edit)

    @property
    def last_path(self) -> str | None:
        """Where the last of them is."""
        for path in self._groups(backwards=True):
            group = self._journal.find(path)
            if group is not None and "last" in group.memo:
                return str(group.memo["last"])
        return None

    @property
    def place(self) -> tuple[str, str] | None:
        """The path and slot of the value that is the last content, all the way down; None where it was edited."""
        path = None if self._edit else self.last_path
        return place(self._journal, path) if path is not None else None

    def _last(self) -> StepOutput:
        path = self.last_path
        output = self._journal.output(path) if path is not None else None
        if output is None:
            raise IndexError("no inner output")
        return self._edited(output)

    def _edited(self, output: StepOutput) -> StepOutput:
        return edited(output, self._edit.content) if self._edit else output

    def _groups(self, *, backwards: bool = False) -> Iterator[str]:
        if self._iterations is None:
            return iter((self._path,))
        numbers = range(1, self._iterations + 1)
        return (join(self._path, str(number)) for number in (reversed(numbers) if backwards else numbers))

    def _paths(self) -> Iterator[str]:
        for path in self._groups():
            group = self._journal.find(path)
            for child in group.lineup[: group.cursor] if group else ():
                record = self._journal.find(join(path, child.segment))
                if record is not None and record.slot is not None:
                    yield record.path


def place(journal: "Journal", path: str) -> tuple[str, str] | None:
    """The path and slot of the value that holds the deepest content of what is at a path."""
    around, _, segment = path.rpartition("/")
    if segment == GIVEN:
        return around, GIVEN
    record = journal.find(path)
    if record is None or record.slot is None:
        return None
    inside = journal.inner(record, record.slot)
    return (inside.place if inside is not None else None) or (record.path, record.slot)


def edited(output: StepOutput, content: Any) -> StepOutput:
    """An output with another content; whoever looks into it for its last content finds the same."""
    steps = output.steps.edited(content) if isinstance(output.steps, Inner) else None
    return replace(output, content=content, steps=steps)


def sections(steps: Sequence[StepOutput]) -> str:
    """The outputs of parallel branches as one text."""
    blocks = ["## Parallel Execution Results"]
    for output in steps:
        state = "SUCCESS" if output.success else "FAILURE"
        blocks.append(f"### {state}: {output.step_name}\n{as_text(output.deepest)}")
    return "\n\n".join(blocks)


# Contents that would repeat what stands inside: made when they are read, never stored.
DERIVED: dict[str, Callable[[Sequence[StepOutput]], Any]] = {
    "sections": sections,
    "last": lambda steps: steps[-1].deepest if len(steps) else None,
}
