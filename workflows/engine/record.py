"""Record: what has happened so far, one record for each place of the tree.

A record's `memo` keeps the answers that its node has got (a call's result, a person's answer, "this event was
told"), so that walking the tree again finds them instead of asking twice. Outputs are not in it: they are values,
kept once by the journal under the record's path and a slot.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.engine.plan import Node, join
from workflows.types import StepOutput, StepStatus

if TYPE_CHECKING:
    from workflows.engine.journal import Journal


@dataclass(slots=True, kw_only=True, frozen=True)
class Success:
    """A call came back. `slot` names the stored value; `encoded` is it, on its way to the journal; `patch` is what
    the call changed in the session's state."""

    slot: str
    encoded: str | None = None
    patch: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True, frozen=True)
class Failure:
    """A call raised, or a crash cut it off (`interrupted`)."""

    error_type: str
    message: str
    interrupted: bool = False

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """What is kept of an exception; characters that no database takes are replaced."""
        message = str(error).replace("\0", "\ufffd").encode(errors="replace").decode()
        return cls(error_type=type(error).__name__, message=message or type(error).__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """What has happened at one place. A container's `cursor` is how many of its children are done for good;
    `in_flight` is the key of the call that has started and not come back; `slot` names the output."""

    journal: "Journal"
    node: Node
    path: str
    status: StepStatus = StepStatus.pending
    tries: int = 0
    cursor: int = 0
    memo: dict[str, Any] = field(default_factory=dict)
    in_flight: str | None = None
    slot: str | None = None

    @property
    def finished(self) -> bool:
        """It answers at once with its output."""
        return self.status.finished

    @property
    def output(self) -> StepOutput | None:
        """Its output; None while it has none, or when it was skipped."""
        return None if self.slot is None else self.journal.value(self, self.slot)

    def child(self, node: Node) -> "Record":
        """The record of a child that is not done yet; made when it is reached for the first time."""
        return self.journal.reach(node, join(self.path, node.segment))

    def remember(self, key: str, value: Any) -> None:
        """Keep an answer."""
        self.memo[key] = value
        self.journal.touch(self)

    def move(self, status: StepStatus) -> None:
        """Change the status; nothing when it stands already."""
        if self.status is not status:
            self.status = status
            self.journal.touch(self)

    def start(self, key: str) -> None:
        """A call begins."""
        self.in_flight = key
        self.move(StepStatus.running)

    def settle(self, key: str, result: Any) -> None:
        """A call has come back, or will never: keep its result."""
        self.in_flight = None
        self.tries += 1
        self.remember(key, result)
        self.move(StepStatus.pending)

    def tell(self, key: str, type: str, **data: Any) -> None:
        """Emit an event once, however often the tree is walked."""
        if f"told:{key}" not in self.memo:
            self.remember(f"told:{key}", True)
            self.journal.tell(type, self, **data)

    def complete(self, output: StepOutput, slot: str) -> StepOutput:
        """Done, with an output under `slot`: a call's result stands there already, anything else is stored now."""
        self.journal.store(self, slot, output)
        self.slot = slot
        self.move(StepStatus.completed if output.success else StepStatus.failed)
        return output

    def skip(self) -> None:
        """Done, without an output: a person said no."""
        self.move(StepStatus.skipped)
        self.journal.tell("StepSkipped", self)
