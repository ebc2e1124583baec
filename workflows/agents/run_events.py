"""The events of an agent's or team's run as its author sees them in a stream (spec 3.12), and their registry."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self

from workflows.agents.requirements import RunRequirement, ToolExecution
from workflows.run.data import as_data, as_fields


class RunEvent(StrEnum):
    """Every event of an agent's run by name; the value is the class's name without "Event"."""

    run_started = "RunStarted"
    run_content = "RunContent"
    run_completed = "RunCompleted"
    run_paused = "RunPaused"
    run_continued = "RunContinued"
    run_cancelled = "RunCancelled"
    run_error = "RunError"
    tool_call_started = "ToolCallStarted"
    tool_call_completed = "ToolCallCompleted"


class TeamRunEvent(StrEnum):
    """The same of a team's run; each value begins with Team."""

    run_started = "TeamRunStarted"
    run_content = "TeamRunContent"
    run_completed = "TeamRunCompleted"
    run_paused = "TeamRunPaused"
    run_continued = "TeamRunContinued"
    run_cancelled = "TeamRunCancelled"
    run_error = "TeamRunError"
    tool_call_started = "TeamToolCallStarted"
    tool_call_completed = "TeamToolCallCompleted"


@dataclass(kw_only=True)
class BaseRunEvent:
    """What every event says. An agent's has agent_id and agent_name, a team's team_id and team_name; inside a
    workflow `workflow_run_id` and `step_name` say where. `created_at` is in seconds since the epoch."""

    type: ClassVar[RunEvent]

    created_at: int = field(default_factory=lambda: int(time.time()))
    event: str = ""
    agent_id: str | None = None
    agent_name: str | None = None
    team_id: str | None = None
    team_name: str | None = None
    run_id: str | None = None
    parent_run_id: str | None = None
    session_id: str | None = None
    workflow_id: str | None = None
    workflow_run_id: str | None = None
    step_name: str | None = None
    path: str = ""

    def __post_init__(self) -> None:
        team = "Team" if self.team_id else ""
        self.event = self.event or f"{team}{self.type.value}"

    @property
    def is_paused(self) -> bool:
        """The run waits for people after this event."""
        return False

    @property
    def is_cancelled(self) -> bool:
        """The run was cancelled with this event."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Its fields that are set, as data."""
        return as_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The event that `to_dict` described; unknown keys are ignored."""
        known = as_fields(cls, data)
        for name, kind in OURS.items():
            if known.get(name) is not None:
                given = known[name]
                known[name] = (
                    [kind.from_dict(item) for item in given]
                    if isinstance(given, list)
                    else kind.from_dict(given)
                )
        return cls(**known)


# Fields that hold objects, or lists of them.
OURS: dict[str, type[RunRequirement] | type[ToolExecution]] = {
    "requirements": RunRequirement,
    "tools": ToolExecution,
    "tool": ToolExecution,
}


@dataclass(kw_only=True)
class RunStartedEvent(BaseRunEvent):
    """It has begun to talk with its model."""

    type = RunEvent.run_started


@dataclass(kw_only=True)
class RunContentEvent(BaseRunEvent):
    """A piece of what the model says, as it comes."""

    type = RunEvent.run_content
    content: Any = None


@dataclass(kw_only=True)
class RunCompletedEvent(BaseRunEvent):
    """It is done; `content` is everything it said at last."""

    type = RunEvent.run_completed
    content: Any = None


@dataclass(kw_only=True)
class RunPausedEvent(BaseRunEvent):
    """It waits for people: `requirements` are all questions of the run."""

    type = RunEvent.run_paused
    content: Any = None
    tools: list[ToolExecution] | None = None
    requirements: list[RunRequirement] | None = None

    @property
    def is_paused(self) -> bool:
        """Yes."""
        return True

    @property
    def active_requirements(self) -> list[RunRequirement]:
        """The questions without an answer."""
        return [requirement for requirement in self.requirements or () if not requirement.is_resolved()]


@dataclass(kw_only=True)
class RunContinuedEvent(BaseRunEvent):
    """What was asked is answered, and it goes on."""

    type = RunEvent.run_continued


@dataclass(kw_only=True)
class RunCancelledEvent(BaseRunEvent):
    """A person ended it."""

    type = RunEvent.run_cancelled
    reason: str | None = None

    @property
    def is_cancelled(self) -> bool:
        """Yes."""
        return True


@dataclass(kw_only=True)
class RunErrorEvent(BaseRunEvent):
    """It could not go on: the model failed, or never came to an end."""

    type = RunEvent.run_error
    content: str | None = None


@dataclass(kw_only=True)
class ToolCallStartedEvent(BaseRunEvent):
    """A tool is about to be used."""

    type = RunEvent.tool_call_started
    tool: ToolExecution | None = None


@dataclass(kw_only=True)
class ToolCallCompletedEvent(BaseRunEvent):
    """A tool was used; `content` is its result."""

    type = RunEvent.tool_call_completed
    tool: ToolExecution | None = None
    content: Any = None


EVENTS: dict[str, type[BaseRunEvent]] = {
    kind.type.value: kind
    for kind in (
        RunStartedEvent,
        RunContentEvent,
        RunCompletedEvent,
        RunPausedEvent,
        RunContinuedEvent,
        RunCancelledEvent,
        RunErrorEvent,
        ToolCallStartedEvent,
        ToolCallCompletedEvent,
    )
}

# Told in every stream; everything else only with stream_events=True.
ALWAYS = {"RunContent", "RunPaused", "RunCancelled", "RunError"}
