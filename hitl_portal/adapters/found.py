"""What an adapter finds at a server, and what it is asked to do: the seam between one framework and the rest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from hitl_portal.adapters.far import Far

Answers = Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True, kw_only=True)
class Where:
    """A run over there: of what ("agent/clerk"), which one, in which session or thread."""

    place: str
    run: str
    session: str = ""

    @property
    def kind(self) -> str:
        """Of its place: agent, team, workflow, graph."""
        return self.place.partition("/")[0]

    @property
    def id(self) -> str:
        """Of its place."""
        return self.place.partition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Posed:
    """One thing that people are asked: `said` is the question as `workflows.questions.Question` has it."""

    spot: str
    said: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A pause: `mark` is what tells it from other pauses of its run; `raw` is what the server says of it."""

    where: Where
    mark: str
    posed: Sequence[Posed]
    raw: Any

    @property
    def key(self) -> str:
        """Short, and the same at every look."""
        return sha256(f"{self.where.place}\0{self.where.run}\0{self.mark}".encode()).hexdigest()


def is_ended(answer: Mapping[str, Any] | None) -> bool:
    """Whether nothing shall go on: a person has ended it, or it ended without an answer."""
    return answer is None or answer.get("action") == "cancel"


class Framework(Protocol):
    """What is particular to one framework's server. Everything raises Trouble."""

    def search(self, far: "Far", admits: "Admits", since: datetime | None) -> Iterable[Where]:
        """Paused runs of what is admitted, at least those that were touched since then; all, where none was seen."""

    def look(self, far: "Far", where: Where) -> Sequence[Found]:
        """The pauses of one run as it stands; none where it waits no more, or is gone. Raises Busy, and also what
        reading makes of data that is not as expected: ValueError, TypeError, AttributeError, LookupError."""

    def answer(self, far: "Far", found: Found, answers: Answers) -> None:
        """Say what was decided, by spot; None: it ended without an answer. Once: who calls has looked just before."""


class Admits(Protocol):
    """Which places are brought in."""

    def __call__(self, place: str) -> bool: ...
