"""Options: what can be said of an agent or team besides its model, tools and instructions."""

from dataclasses import dataclass, fields
from typing import Any, Self

from workflows.types.step_io import HISTORY_RUNS

# Of its model, before somebody has to look whether it goes in circles.
TURNS = 25

# Parameters of the framework that change nothing here.
UNUSED = {
    "add_datetime_to_context",
    "add_dependencies_to_context",
    "add_member_tools_to_context",
    "cache_session",
    "debug_level",
    "debug_mode",
    "introduction",
    "show_members_responses",
    "show_tool_calls",
    "store_events",
    "store_history_messages",
    "store_media",
    "store_member_responses",
    "store_tool_messages",
    "stream_member_events",
    "telemetry",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """`max_turns` (ours) is how often the model is asked in one run before a person has to look; `session_state` is
    what a new session starts with; `add_history_to_context` tells the model of the last `num_history_runs` runs of
    the session; `add_session_state_to_context` of its state; `role` says what it does in a team.
    """

    description: str | None = None
    role: str | None = None
    expected_output: str | None = None
    additional_context: str | None = None
    markdown: bool = False
    add_session_state_to_context: bool = False
    add_history_to_context: bool = False
    num_history_runs: int = HISTORY_RUNS
    max_turns: int = TURNS
    session_id: str | None = None
    session_state: dict[str, Any] | None = None
    user_id: str | None = None
    dependencies: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    stream: bool | None = None
    stream_events: bool = False

    @classmethod
    def of(cls, kind: str, given: dict[str, Any]) -> Self:
        """The options that were given. TypeError for one that nobody knows."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(given.keys() - known - UNUSED)
        if unknown:
            raise TypeError(f"{kind}() got unexpected keyword arguments: {', '.join(unknown)}")
        options = cls(**{name: value for name, value in given.items() if name in known})
        if options.max_turns < 1:
            raise ValueError(f"max_turns={options.max_turns!r} is not a number of turns")
        return options
