"""Conversation: what an agent and its model say to each other, and what the engine knows of both.

Plain data that every provider's port understands. What only the provider understands of a reply (signatures of its
thinking, ids of its own) travels in `raw`, untouched, and is given back with the next request.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

from workflows.types import Answer, ExecutorType, RequirementKind, StepInput, StepOutput

if TYPE_CHECKING:
    from workflows.engine.record import Graft


# Under which an agent that works for another one, or for a function, finds what it is told in its additional_data.
TASK = "delegated_task"


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """The model wants a tool to be used. `wrong` says why its arguments could not be read, where they could not."""

    id: str
    name: str
    args: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model said once. `raw` is the provider's own form of it, JSON-able; `usage` counts tokens by name
    (input_tokens, output_tokens)."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    thinking: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    raw: Any = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The reply that `to_dict` described."""
        return cls(**{**data, "calls": tuple(ToolCall(**call) for call in data["calls"])})


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. `role` is system, user, assistant or tool; an assistant's has `reply`, a tool's `call` and whether
    it `failed`; `media` (a user's) are file names, addresses or bytes by kind: images, videos, audio, files."""

    role: str
    content: str = ""
    reply: Reply | None = None
    call: ToolCall | None = None
    failed: bool = False
    media: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """A tool as the model sees it; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a model is asked to go on from."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()


class Model(Protocol):
    """Something that replies. One object serves threads and event loops alike."""

    id: str
    provider: str

    async def reply(self, request: Request, tell: Callable[[str], object] | None = None) -> Reply:
        """The next message; pieces of its text go to `tell` as they come, where anybody listens. Raises
        `workflows.agents.errors.ModelError` when there is none to be had."""


class Tool(Protocol):
    """A function that the model may ask for, and who is asked before it is used."""

    name: str

    @property
    def spec(self) -> ToolSpec:
        """As the model sees it: without the parameters that only people fill in."""

    @property
    def gate(self) -> RequirementKind | None:
        """What a person is asked: tool_confirmation, tool_input, external_execution, feedback; None: nothing."""

    @property
    def approval(self) -> str | None:
        """The word "required": only an admin decides; "audit": it is recorded."""

    @property
    def silent(self) -> bool:
        """The wait for an external execution is not put into words."""

    @property
    def stops(self) -> bool:
        """The agent is done once the tool was used; its result is the content."""

    @property
    def repeatable(self) -> bool:
        """A use of it that a crash has cut off simply starts again; else a person is asked."""

    @property
    def wants(self) -> frozenset[str]:
        """What it asks for besides its arguments: session_state, run_context, agent, team."""

    def fields(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The form that a person fills in: each has name, field_type, description, value, required; `of_model` is
        True where the model gave the value."""

    def questions(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The questions of a feedback tool: question, header, options (label, description), multi_select."""

    def check(self, args: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
        """The arguments as the function takes them. Raises InputErrors; where not `complete`, what people fill in
        may be missing."""

    def answered(self, args: Mapping[str, Any], answer: Answer) -> str | None:
        """What the model is told when the answer itself is the result; None when the function is to be called."""

    def call(self, args: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        """Use it; an awaitable, a generator or the result itself. `given` has what `wants` names."""


@runtime_checkable
class ByHand(Protocol):
    """What came of an executor that a function ran by hand."""

    def packed(self, call: str) -> "Graft | None":
        """Where it waits for people: all of it, so that it goes on inside the run that the function is a step of; its
        own run ends with that. `call` tells apart the calls of one step."""

    def brought(self) -> StepOutput:
        """Where it is done: its output. Raises RuntimeError where it failed."""


class Executor(Protocol):
    """What the engine needs of an agent, or of a team's leader."""

    id: str
    name: str
    type: ClassVar[ExecutorType]
    turns: int  # of its model, before somebody has to look whether it goes in circles

    def repeats(self, tool: str) -> bool:
        """Whether a cut-off use of a tool simply starts again; False for a tool that is not known (yet)."""

    def tool(self, name: str) -> Tool | None:
        """A tool by its name; None where there is none."""

    def delegated(self, call: ToolCall) -> tuple[str, list[str]]:
        """The task and the ids of the members that a call hands it to; no ids where it hands nothing on. Raises
        InputErrors for a member that there is not."""

    def opening(self, message: str, step_input: StepInput, context: Any) -> list[Message]:
        """What a conversation begins with: instructions, what was said in earlier runs, and the message.
        `context` is the RunContext."""

    async def reply(self, messages: list[Message], tell: Callable[[str], object] | None) -> Reply:
        """What its model says next; finds out which tools there are, where that must be asked for."""
