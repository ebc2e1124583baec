"""Event: the names of the events of a run, and what all of them say (spec 3.12)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self

from workflows.run.data import as_data, as_fields


class WorkflowRunEvent(StrEnum):
    """Every event by name; the value is the class's name without "Event"."""

    workflow_started = "WorkflowStarted"
    workflow_completed = "WorkflowCompleted"
    workflow_paused = "WorkflowPaused"
    workflow_cancelled = "WorkflowCancelled"
    workflow_error = "WorkflowError"
    workflow_agent_started = "WorkflowAgentStarted"
    workflow_agent_completed = "WorkflowAgentCompleted"
    step_started = "StepStarted"
    step_completed = "StepCompleted"
    step_paused = "StepPaused"
    step_continued = "StepContinued"
    step_executor_paused = "StepExecutorPaused"
    step_executor_continued = "StepExecutorContinued"
    step_output_review = "StepOutputReview"
    step_error = "StepError"
    step_output = "StepOutput"
    router_paused = "RouterPaused"
    condition_paused = "ConditionPaused"
    loop_execution_started = "LoopExecutionStarted"
    loop_execution_completed = "LoopExecutionCompleted"
    loop_iteration_started = "LoopIterationStarted"
    loop_iteration_completed = "LoopIterationCompleted"
    parallel_execution_started = "ParallelExecutionStarted"
    parallel_execution_completed = "ParallelExecutionCompleted"
    condition_execution_started = "ConditionExecutionStarted"
    condition_execution_completed = "ConditionExecutionCompleted"
    router_execution_started = "RouterExecutionStarted"
    router_execution_completed = "RouterExecutionCompleted"
    steps_execution_started = "StepsExecutionStarted"
    steps_execution_completed = "StepsExecutionCompleted"
    custom_event = "CustomEvent"


@dataclass(kw_only=True)
class BaseWorkflowRunEvent:
    """What every event says; `created_at` in seconds since the epoch, `nested_depth` counts workflows in workflows."""

    name: ClassVar[WorkflowRunEvent]

    created_at: int = field(default_factory=lambda: int(time.time()))
    event: str = ""
    workflow_id: str | None = None
    workflow_name: str | None = None
    session_id: str | None = None
    run_id: str | None = None
    step_id: str | None = None
    parent_step_id: str | None = None
    nested_depth: int = 0

    def __post_init__(self) -> None:
        self.event = self.event or self.name.value

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
        return cls(**as_fields(cls, data))


@dataclass(kw_only=True)
class StepEvent(BaseWorkflowRunEvent):
    """Something about one place of the tree. `path` (ours) is where: `refine/3/draft`."""

    step_name: str | None = None
    step_index: int | None = None
    path: str = ""
