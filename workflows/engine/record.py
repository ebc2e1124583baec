"""Record: what has happened so far, one record for each place of the tree.

A record's `memo` keeps the answers that its node has got (a call's result, a person's answer, "this event was
told"), so that walking the tree again finds them instead of asking twice. Outputs are not in it: they are values,
kept once by the journal under the record's path and a slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.engine.plan import Node, join
from workflows.types import StepOutput, StepStatus

if TYPE_CHECKING:
    from workflows.engine.journal import Journal


@dataclass(slots=True, frozen=True)
class Outcome:
    """An output and the slot it is kept under. `derived` names how its content is made of what stands inside it."""

    output: StepOutput
    slot: str
    derived: str | None = None


@dataclass(slots=True, kw_only=True, frozen=True)
class Success:
    """A call came back, with a step's `encoded` output (kept under `slot`) or with a small `value` (kept in the memo).

    `patch` is what the call changed in the session's state.
    """

    slot: str | None = None
    encoded: str | None = None
    value: Any = None
    patch: dict[str, Any] | None = None
    events: list[Any] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, frozen=True)
class Failure:
    """A call raised, or a crash cut it off (`interrupted`)."""

    error_type: str
    message: str
    interrupted: bool = False
    # The exception itself, in the process where it was raised: what a script's `run` raises in the end.
    cause: BaseException | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """What is kept of an exception; characters that no database takes are replaced."""
        message = str(error).replace("\0", "\ufffd").encode(errors="replace").decode()
        return cls(error_type=type(error).__name__, message=message or type(error).__name__, cause=error)


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

    @property
    def lineup(self) -> Sequence[Node]:
        """The children that this group runs, in order: all of the node's, or those that were chosen."""
        route = self.memo.get("route")
        if route is None:
            return self.node.children
        return [child for segment in route if (child := self.node.at(segment)) is not None]

    def child_path(self, node: Node) -> str:
        """Where a child is."""
        return join(self.path, node.segment)

    def child(self, node: Node) -> "Record":
        """The record of a child that is not done yet; made when it is reached for the first time."""
        return self.journal.reach(node, self.child_path(node))

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

    def advance(self, child: "Record", output: StepOutput | None) -> None:
        """A child of this group is done."""
        self.cursor += 1
        self.journal.touch(self)
        if output is None:
            return
        self.memo["last"] = child.path
        self.memo["kept"] = self.memo.get("kept", 0) + 1
        if not output.success:
            self.memo["failed"] = True
        if output.stop:
            self.memo["stop"] = True

    def produce(self, outcome: Outcome) -> Outcome:
        """Keep an output that is not a call's result before it is accepted: a review may point at it."""
        if outcome.slot not in self.memo:
            self.journal.store(self, outcome)
            self.remember(outcome.slot, Success(slot=outcome.slot))
        return outcome

    def complete(self, outcome: Outcome) -> StepOutput:
        """Done, with an output: a call's result stands under its slot already, anything else is stored now."""
        self.journal.store(self, outcome)
        self.slot = outcome.slot
        self.move(StepStatus.completed if outcome.output.success else StepStatus.failed)
        return outcome.output

    def skip(self) -> None:
        """Done, without an output: a person said no."""
        self.move(StepStatus.skipped)
        self.journal.tell("StepSkipped", self)
