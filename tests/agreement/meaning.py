"""What the naive evaluator passes around: outputs, the session's state, what a place is given, and two ways to end."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

CUT_OFF = "The process that ran this step died before it could report what came of it."
# So often in a row what can be done again is done again by itself.
MOST_DEATHS = 3


@dataclass
class Output:
    """What a place brought."""

    content: Any
    success: bool = True
    stop: bool = False
    inner: list["Output"] = field(default_factory=list)
    name: str = ""

    @property
    def deepest(self) -> Any:
        """The content of the last thing inside."""
        return self.inner[-1].deepest if self.inner else self.content

    @classmethod
    def over(cls, content: Any, inner: list["Output"], *, stop: bool | None = None) -> "Output":
        """The output of what has others inside."""
        stops = any(output.stop for output in inner) if stop is None else stop
        return cls(content, all(output.success for output in inner), stops, inner)


@dataclass
class State:
    """The session's state as one place sees it; `changes` are those of a parallel branch."""

    kept: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)

    def change(self, changed: dict[str, Any]) -> None:
        """Take in what a call has changed."""
        new = {key: value for key, value in changed.items() if self.kept.get(key, self) != value}
        self.kept |= new
        self.changes |= new


Guard = Callable[[str, str, str], bool]


@dataclass(frozen=True)
class Context:
    """What a place is given. `guard` asks a person what a failure inside means: whether it is tried again."""

    state: State
    outputs: dict[str, Output] = field(default_factory=dict)
    last: Output | None = None
    input: Any = None
    notes: dict[str, Any] = field(default_factory=dict)
    guard: Guard | None = None

    @property
    def seen(self) -> Any:
        """The content of the step before."""
        return self.last.deepest if self.last else None

    def after(self, name: str, output: Output) -> "Context":
        """What the next one is given."""
        return replace(self, outputs=self.outputs | {name: output}, last=output)


class Cancelled(Exception):
    """A person ended the run."""


class Failed(Exception):
    """A failure that nothing took care of yet; `done` is what had come back in the sequence that it ended."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Step '{name}' failed: {reason}")
        self.reason, self.done = reason, list[Output]()


def as_text(content: Any) -> str:
    """Text as it is, data as JSON."""
    return content if isinstance(content, str) else json.dumps(content)


def spot(path: str) -> str:
    """A place without the numbers of rounds."""
    segments = (segment for segment in path.split("/") if not segment.startswith("again:"))
    return "/".join("*" if segment.isdigit() else segment for segment in segments)
