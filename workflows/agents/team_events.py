"""The events of a team's run: an agent's, told of a team."""

from dataclasses import dataclass

from workflows.agents.run_events import (
    EVENTS,
    BaseRunEvent,
    RunCancelledEvent,
    RunCompletedEvent,
    RunContentEvent,
    RunContinuedEvent,
    RunErrorEvent,
    RunPausedEvent,
    RunStartedEvent,
    ToolCallCompletedEvent,
    ToolCallStartedEvent,
)


@dataclass(kw_only=True)
class TeamRunStartedEvent(RunStartedEvent):
    """The leader has begun to talk with its model."""


@dataclass(kw_only=True)
class TeamRunContentEvent(RunContentEvent):
    """A piece of what the leader's model says, as it comes."""


@dataclass(kw_only=True)
class TeamRunCompletedEvent(RunCompletedEvent):
    """The team is done; `content` is what the leader said at last."""


@dataclass(kw_only=True)
class TeamRunPausedEvent(RunPausedEvent):
    """The leader or a member waits for people: `requirements` are all questions of the run."""


@dataclass(kw_only=True)
class TeamRunContinuedEvent(RunContinuedEvent):
    """What was asked is answered, and the team goes on."""


@dataclass(kw_only=True)
class TeamRunCancelledEvent(RunCancelledEvent):
    """A person ended it."""


@dataclass(kw_only=True)
class TeamRunErrorEvent(RunErrorEvent):
    """The leader could not go on."""


@dataclass(kw_only=True)
class TeamToolCallStartedEvent(ToolCallStartedEvent):
    """A tool of the leader's own is about to be used."""


@dataclass(kw_only=True)
class TeamToolCallCompletedEvent(ToolCallCompletedEvent):
    """A tool of the leader's own was used."""


TEAM_EVENTS: dict[str, type[BaseRunEvent]] = {
    kind.type.value: kind
    for kind in (
        TeamRunStartedEvent,
        TeamRunContentEvent,
        TeamRunCompletedEvent,
        TeamRunPausedEvent,
        TeamRunContinuedEvent,
        TeamRunCancelledEvent,
        TeamRunErrorEvent,
        TeamToolCallStartedEvent,
        TeamToolCallCompletedEvent,
    )
}


def event_class(type: str, *, of_team: bool) -> type[BaseRunEvent]:
    """The class for an event that the engine tells of an agent. Raises KeyError for any other."""
    return (TEAM_EVENTS if of_team else EVENTS)[type]
