"""Outputs: a run of an agent or team as its author sees it: what came of it, what was said, what it waits for."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from workflows.agents.handing import packed
from workflows.agents.requirements import RunRequirement, ToolExecution
from workflows.engine.record import Graft
from workflows.run.data import as_data, as_fields
from workflows.types import RunStatus, StepOutput
from workflows.types.step_io import as_text


@dataclass(kw_only=True)
class BaseRunOutput:
    """One run. `requirements` lists every question of it, the newest last; `tools` every call of a tool; `messages`
    what was said, as dicts with role and content; `created_at` is in seconds since the epoch."""

    run_id: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    parent_run_id: str | None = None
    input: Any = None
    content: Any = None
    content_type: str = "str"
    reasoning_content: str | None = None
    status: RunStatus = RunStatus.running
    messages: list[dict[str, Any]] | None = None
    tools: list[ToolExecution] | None = None
    requirements: list[RunRequirement] | None = None
    model: str | None = None
    model_provider: str | None = None
    metrics: dict[str, int] | None = None
    session_state: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    created_at: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self.status = RunStatus(self.status)
        self.agent: Any = None  # whose run it is, where that was in this process

    @property
    def is_paused(self) -> bool:
        """The run waits for people."""
        return self.status is RunStatus.paused

    @property
    def is_cancelled(self) -> bool:
        """A person ended the run."""
        return self.status is RunStatus.cancelled

    @property
    def active_requirements(self) -> list[RunRequirement]:
        """The questions without an answer."""
        return [requirement for requirement in self.requirements or () if not requirement.is_resolved()]

    @property
    def tools_requiring_confirmation(self) -> list[ToolExecution]:
        """The calls that wait for a yes or no."""
        return [r.tool_execution for r in self.active_requirements if r.needs_confirmation]

    @property
    def tools_requiring_user_input(self) -> list[ToolExecution]:
        """The calls that wait for a form."""
        return [r.tool_execution for r in self.active_requirements if r.needs_user_input]

    @property
    def tools_awaiting_external_execution(self) -> list[ToolExecution]:
        """The calls whose result somebody else brings."""
        return [r.tool_execution for r in self.active_requirements if r.needs_external_execution]

    def packed(self, call: str) -> Graft | None:
        """All of a paused run, for the run of the function that hands it on (see `handing`)."""
        return packed(self, call)

    def brought(self) -> StepOutput:
        """What a function brings that gives this run back. Raises RuntimeError where the run failed."""
        if self.status is not RunStatus.completed:
            raise RuntimeError(self.get_content_as_string() if self.content else f"The run is {self.status}")
        return StepOutput(content=self.content)

    def get_content_as_string(self) -> str:
        """The content as text: text as it is, data as JSON."""
        return as_text(self.content)

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean, only what is set."""
        return as_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The output that `to_dict` described."""
        known = as_fields(
            cls, {name: value for name, value in data.items() if name not in (*OURS, "metrics")}
        )
        for name, made in OURS.items():
            if data.get(name) is not None:
                known[name] = [made(item) for item in data[name]]
        return cls(**known | ({"metrics": data["metrics"]} if "metrics" in data else {}))


@dataclass(kw_only=True)
class RunOutput(BaseRunOutput):
    """One run of an agent."""

    agent_id: str | None = None
    agent_name: str | None = None


@dataclass(kw_only=True)
class TeamRunOutput(BaseRunOutput):
    """One run of a team; `member_responses` are the runs of its members in it."""

    team_id: str | None = None
    team_name: str | None = None
    member_responses: list[BaseRunOutput] = field(default_factory=list)


def executed(data: Mapping[str, Any]) -> BaseRunOutput:
    """The run of an agent or a team that `to_dict` described."""
    return TeamRunOutput.from_dict(data) if "team_id" in data else RunOutput.from_dict(data)


# Fields that are lists of ours, and how they are made of data.
OURS: dict[str, Callable[[Any], Any]] = {
    "tools": ToolExecution.from_dict,
    "requirements": RunRequirement.from_dict,
    "member_responses": executed,
}
