"""WorkflowRunOutput: a run as its author sees it: what came of it, and what it waits for (spec 2.2)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from workflows.run.data import as_data, as_fields
from workflows.types import PauseKind, RunStatus, StepOutput
from workflows.types.requirements import ErrorRequirement, StepRequirement
from workflows.types.step_io import as_text

MAX_DEPTH = 10


@dataclass(kw_only=True)
class WorkflowRunOutput:
    """One run. `content` is the deepest content of its last step; `step_requirements` lists every question of the run,
    the newest last; `created_at` is in seconds since the epoch."""

    input: Any = None
    content: Any = None
    content_type: str = "str"
    workflow_id: str | None = None
    workflow_name: str | None = None
    run_id: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    parent_run_id: str | None = None
    workflow_step_id: str | None = None
    images: list[Any] | None = None
    videos: list[Any] | None = None
    audio: list[Any] | None = None
    files: list[Any] | None = None
    response_audio: Any = None
    step_results: Sequence[StepOutput] = field(default_factory=list)
    step_executor_runs: Sequence[Any] | None = None
    workflow_agent_run: Any = None
    events: list[Any] | None = None
    metrics: Any = None
    metadata: dict[str, Any] | None = None
    created_at: int = field(default_factory=lambda: int(time.time()))
    status: RunStatus = RunStatus.pending
    step_requirements: list[StepRequirement] | None = None
    error_requirements: list[ErrorRequirement] | None = None
    paused_step_index: int | None = None
    paused_step_name: str | None = None
    pause_kind: PauseKind | None = None

    def __post_init__(self) -> None:
        self.status = RunStatus(self.status)
        self.pause_kind = PauseKind(self.pause_kind) if self.pause_kind is not None else None

    @property
    def is_paused(self) -> bool:
        """The run waits for people."""
        return self.status is RunStatus.paused

    @property
    def is_cancelled(self) -> bool:
        """A person ended the run."""
        return self.status is RunStatus.cancelled

    @property
    def active_step_requirements(self) -> list[StepRequirement]:
        """The questions without an answer."""
        return [requirement for requirement in self.step_requirements or () if not requirement.is_resolved]

    @property
    def steps_requiring_confirmation(self) -> list[StepRequirement]:
        """A yes or no is missing before a step; reviews of outputs are not in it."""
        return [requirement for requirement in self.step_requirements or () if requirement.needs_confirmation]

    @property
    def steps_requiring_output_review(self) -> list[StepRequirement]:
        """A yes or no is missing about an output: of a step, a router, a loop's iteration."""
        return [
            requirement for requirement in self.step_requirements or () if requirement.needs_output_review
        ]

    @property
    def steps_requiring_user_input(self) -> list[StepRequirement]:
        """A form is not filled in."""
        return [requirement for requirement in self.step_requirements or () if requirement.needs_user_input]

    @property
    def steps_requiring_route(self) -> list[StepRequirement]:
        """No route was chosen."""
        return [
            requirement for requirement in self.step_requirements or () if requirement.needs_route_selection
        ]

    @property
    def steps_requiring_executor_resolution(self) -> list[StepRequirement]:
        """A tool call inside a step waits."""
        pending = self.step_requirements or ()
        return [requirement for requirement in pending if requirement.needs_executor_resolution]

    @property
    def active_error_requirements(self) -> list[ErrorRequirement]:
        """Failed steps about which nobody has decided."""
        return [requirement for requirement in self.error_requirements or () if requirement.needs_decision]

    @property
    def steps_with_errors(self) -> list[ErrorRequirement]:
        """The same, by the name that the pages use."""
        return self.active_error_requirements

    def get_content_as_string(self) -> str:
        """The content as text: text as it is, data as JSON."""
        return as_text(self.content)

    def has_completed(self) -> bool:
        """The run came to its end."""
        return self.status is RunStatus.completed

    def to_dict(self) -> dict[str, Any]:
        """Its fields that are set, JSON-clean."""
        return as_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], depth: int = 0) -> Self:
        """The run that `to_dict` described. Old data's `router_requirements` join the step requirements."""
        questions = [*(data.get("step_requirements") or []), *(data.get("router_requirements") or [])]
        known = as_fields(cls, {**data, "step_requirements": questions or None})
        for requirement in known["step_requirements"] or ():
            _waken(requirement)
        if known.get("step_executor_runs"):
            known["step_executor_runs"] = [_inner(run, cls, depth) for run in known["step_executor_runs"]]
        return cls(**known)


def _waken(requirement: StepRequirement) -> None:
    """Let what is asked about tools be answered as where it came from."""
    from workflows.agents.requirements import RunRequirement  # which needs what stands here

    if requirement.executor_requirements:
        inner = [RunRequirement.from_dict(each) for each in requirement.executor_requirements]
        requirement.executor_requirements = inner


def _inner(run: Any, kind: type[WorkflowRunOutput], depth: int) -> Any:
    """A run inside a run; beyond MAX_DEPTH it stays the dict it was."""
    if not isinstance(run, Mapping) or depth >= MAX_DEPTH:
        return run
    if "workflow_id" in run:
        return kind.from_dict(run, depth + 1)
    from workflows.agents.output import executed  # which needs what stands here

    return executed(run) if "agent_id" in run or "team_id" in run else run
