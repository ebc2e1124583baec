"""Record: what has happened so far, one record for each place of the tree.

A record's `memo` keeps the answers that its node has got (a call's result, a person's answer, "this event was
told"), so that walking the tree again finds them instead of asking twice. Outputs are not in it: they are values,
kept once by the journal under the record's path and a slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workflows.engine.events import Event
from workflows.engine.plan import Node, join
from workflows.types import StepOutput, StepStatus

if TYPE_CHECKING:
    from workflows.engine.journal import Journal
    from workflows.engine.snapshot import Saved


# In the memo of what stands around a place that a fork begins at: which fork.
FORKED = "forked"
# The slot of what stands for a failure that nothing inside has taken care of.
FAILURE = "failure"
# In the memo of what is done: its output said stop.
STOPS = "stops"
# In the memo: how often in a row its call was cut off; gone once that comes back.
INTERRUPTIONS = "interruptions"


# Never changed. Not frozen, like everything that is made for each step: it would triple the price of making one.
@dataclass(slots=True)
class Outcome:
    """Where an output is kept, and what about it matters to what is around it: walking decodes no output.

    `accepted`: nobody is to look at it any more.
    """

    slot: str
    success: bool = True
    stop: bool = False
    media: bool = False
    accepted: bool = False

    @classmethod
    def of(cls, output: StepOutput, slot: str) -> "Outcome":
        """What matters of an output that is kept under `slot`."""
        media = bool(output.images or output.videos or output.audio or output.files)
        return cls(slot, output.success, output.stop, media)


@dataclass(slots=True, kw_only=True)
class Success:
    """A call came back, with a step's `encoded` output (its `outcome` says where) or with a small `value`.

    `patch` is what the call changed in the session's state, `graft` what a function ran by hand.
    """

    outcome: Outcome | None = None
    encoded: str | None = None
    value: Any = None
    patch: dict[str, Any] | None = None
    events: list[Any] = field(default_factory=list)
    graft: "Graft | None" = None

    @property
    def slot(self) -> str | None:
        """The slot of a step's output."""
        return self.outcome.slot if self.outcome else None


@dataclass(slots=True, kw_only=True, frozen=True)
class Graft:
    """A run of its own that goes on inside another one: its records and values, to be kept under `segment` instead
    of `root`. `task` is what its agent was told."""

    segment: str
    root: str
    task: str
    records: "list[Saved]"
    texts: dict[tuple[str, str], str]


@dataclass(slots=True, kw_only=True, frozen=True)
class Failure:
    """A call raised, or a crash cut it off (`interrupted`). `final`: the program need not try again by itself."""

    error_type: str
    message: str
    interrupted: bool = False
    final: bool = False
    # The exception itself, in the process where it was raised: what a script's `run` raises in the end.
    cause: BaseException | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """What is kept of an exception; characters that no database takes are replaced."""
        message = str(error).replace("\0", "\ufffd").encode(errors="replace").decode()
        return cls(
            error_type=type(error).__name__,
            message=message or type(error).__name__,
            final=getattr(error, "final", False),
            cause=error,
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """What has happened at one place. A container's `cursor` is how many of its children are done for good;
    `in_flight` is the key of the call that has started and not come back, `tries` counts those that have; `slot` names
    the output. `awake` (of a Parallel, never stored) are the branches that something has happened to since they were
    walked; None: all."""

    journal: "Journal"
    node: Node
    path: str
    status: StepStatus = StepStatus.pending
    tries: int = 0
    cursor: int = 0
    memo: dict[str, Any] = field(default_factory=dict)
    in_flight: str | None = None
    slot: str | None = None
    awake: set[str] | None = None

    @property
    def finished(self) -> bool:
        """It answers at once with its output."""
        return self.status.finished

    @property
    def output(self) -> StepOutput | None:
        """Its output; None while it has none, or when it was skipped."""
        return None if self.slot is None else self.journal.value(self, self.slot)

    def has(self, slot: str) -> bool:
        """Something is kept in a slot."""
        return self.journal.has(self.path, slot)

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
        """A call has come back, or will not by itself: keep its result. One that was cut off is the same call still."""
        self.in_flight = None
        if not (isinstance(result, Failure) and result.interrupted):
            self.tries += 1
            self.memo.pop(INTERRUPTIONS, None)
        self.remember(key, result)
        self.move(StepStatus.pending)

    def tell(self, key: str, type: str, **data: Any) -> None:
        """Emit an event once, however often the tree is walked."""
        if f"told:{key}" not in self.memo:
            self.remember(f"told:{key}", True)
            event = self.event(type, **data)
            event.once = key
            self.journal.say(event)

    def event(self, type: str, **data: Any) -> Event:
        """An event about this place."""
        node = self.node
        return Event(type=type, path=self.path, step_name=node.name, step_index=node.index, data=data)

    def turned(self, turn: int) -> None:
        """A turn of an agent is done: what it was asked and told is needed no more."""
        self.cursor = turn + 1
        prefixes = f"turn:{turn}.", f"call:turn:{turn}.", f"error:turn:{turn}."
        self.memo = {key: value for key, value in self.memo.items() if not key.startswith(prefixes)}
        self.journal.touch(self)

    def advance(self, child: "Record", outcome: Outcome | None) -> None:
        """A child of this group is done."""
        self.cursor += 1
        self.journal.touch(self)
        if outcome is None:
            return
        memo = self.memo
        memo["last"], memo["kept"] = child.path, memo.get("kept", 0) + 1
        if not outcome.success:
            memo["failed"] = True
        if outcome.stop:
            memo["stop"] = True
        if outcome.media:
            memo["media"] = True

    def produce(self, output: StepOutput, slot: str, derived: str | None = None) -> Outcome:
        """Keep an output that is no call's result. `derived` names how its content is made of what stands inside."""
        known = self.memo.get(slot)
        if known is not None:
            outcome: Outcome = known.outcome
            return outcome
        self.journal.store(self, slot, output, derived)
        outcome = Outcome.of(output, slot)
        if self.memo.get("media"):
            outcome = replace(outcome, media=True)
        self.remember(slot, Success(outcome=outcome))
        return outcome

    def complete(self, outcome: Outcome) -> Outcome:
        """Done, with an output that is kept already."""
        self.slot = outcome.slot
        if outcome.stop:
            self.memo[STOPS] = True
        self.move(StepStatus.completed if outcome.success else StepStatus.failed)
        return outcome

    def skip(self) -> None:
        """Done, without an output: a person said no."""
        self.move(StepStatus.skipped)
        self.journal.tell("StepSkipped", self)
