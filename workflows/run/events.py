"""The events of a run as its author sees them in a stream (spec 3.12), and their registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.run.event import BaseWorkflowRunEvent, StepEvent, WorkflowRunEvent
from workflows.types import PauseKind, RunStatus, StepOutput, UserInputField
from workflows.types.requirements import ErrorRequirement, StepRequirement

__all__ = [
    "WORKFLOW_RUN_EVENT_TYPE_REGISTRY",
    "BaseWorkflowRunEvent",
    "ConditionExecutionCompletedEvent",
    "ConditionExecutionStartedEvent",
    "ConditionPausedEvent",
    "CustomEvent",
    "LoopExecutionCompletedEvent",
    "LoopExecutionStartedEvent",
    "LoopIterationCompletedEvent",
    "LoopIterationStartedEvent",
    "ParallelExecutionCompletedEvent",
    "ParallelExecutionStartedEvent",
    "RouterExecutionCompletedEvent",
    "RouterExecutionStartedEvent",
    "RouterPausedEvent",
    "StepCompletedEvent",
    "StepContinuedEvent",
    "StepErrorEvent",
    "StepEvent",
    "StepExecutorContinuedEvent",
    "StepExecutorPausedEvent",
    "StepOutputEvent",
    "StepOutputReviewEvent",
    "StepPausedEvent",
    "StepStartedEvent",
    "StepsExecutionCompletedEvent",
    "StepsExecutionStartedEvent",
    "WorkflowAgentCompletedEvent",
    "WorkflowAgentStartedEvent",
    "WorkflowCancelledEvent",
    "WorkflowCompletedEvent",
    "WorkflowErrorEvent",
    "WorkflowPausedEvent",
    "WorkflowRunEvent",
    "WorkflowStartedEvent",
    "workflow_run_output_event_from_dict",
]


@dataclass(kw_only=True)
class WorkflowStartedEvent(BaseWorkflowRunEvent):
    """The run has begun; not told again when it continues."""

    name = WorkflowRunEvent.workflow_started


@dataclass(kw_only=True)
class WorkflowCompletedEvent(BaseWorkflowRunEvent):
    """The run has come to its end."""

    name = WorkflowRunEvent.workflow_completed
    content: Any = None
    content_type: str = "str"
    step_results: list[StepOutput] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    metrics: Any = None
    run_output: Any = None


@dataclass(kw_only=True)
class WorkflowPausedEvent(BaseWorkflowRunEvent):
    """The run waits for people: the last event of a stream that pauses."""

    name = WorkflowRunEvent.workflow_paused
    status: RunStatus = RunStatus.paused
    paused_step_index: int | None = None
    paused_step_name: str | None = None
    pause_kind: PauseKind | None = None
    step_requirements: list[StepRequirement] | None = None
    error_requirements: list[ErrorRequirement] | None = None
    step_results: list[StepOutput] = field(default_factory=list)
    content: Any = None
    run_output: Any = None

    @property
    def is_paused(self) -> bool:
        """It does."""
        return True


@dataclass(kw_only=True)
class WorkflowCancelledEvent(BaseWorkflowRunEvent):
    """A person ended the run."""

    name = WorkflowRunEvent.workflow_cancelled
    reason: str | None = None
    content: Any = None

    @property
    def is_cancelled(self) -> bool:
        """It was."""
        return True


@dataclass(kw_only=True)
class WorkflowErrorEvent(BaseWorkflowRunEvent):
    """The run failed."""

    name = WorkflowRunEvent.workflow_error
    error: str | None = None
    error_type: str | None = None
    error_id: str | None = None
    additional_data: dict[str, Any] | None = None


@dataclass(kw_only=True)
class WorkflowAgentStartedEvent(BaseWorkflowRunEvent):
    """The agent that leads a workflow has begun."""

    name = WorkflowRunEvent.workflow_agent_started


@dataclass(kw_only=True)
class WorkflowAgentCompletedEvent(BaseWorkflowRunEvent):
    """The agent that leads a workflow has come to its end."""

    name = WorkflowRunEvent.workflow_agent_completed
    content: Any = None


@dataclass(kw_only=True)
class StepStartedEvent(StepEvent):
    """A step is about to be called."""

    name = WorkflowRunEvent.step_started


@dataclass(kw_only=True)
class StepCompletedEvent(StepEvent):
    """A step has come back, or its failure was taken care of."""

    name = WorkflowRunEvent.step_completed
    content: Any = None
    content_type: str = "str"
    images: list[Any] | None = None
    videos: list[Any] | None = None
    audio: list[Any] | None = None
    files: list[Any] | None = None
    step_response: StepOutput | None = None
    error: str | None = None


@dataclass(kw_only=True)
class StepPausedEvent(StepEvent):
    """Somebody is asked before something runs."""

    name = WorkflowRunEvent.step_paused
    requires_confirmation: bool = False
    confirmation_message: str | None = None
    requires_user_input: bool = False
    user_input_message: str | None = None
    user_input_schema: list[UserInputField] | None = None

    @property
    def is_paused(self) -> bool:
        """It does, here."""
        return True


@dataclass(kw_only=True)
class RouterPausedEvent(StepPausedEvent):
    """Somebody is asked which way to go."""

    name = WorkflowRunEvent.router_paused
    available_choices: list[str] = field(default_factory=list)
    allow_multiple_selections: bool = False


@dataclass(kw_only=True)
class ConditionPausedEvent(StepPausedEvent):
    """A condition waits; runs tell it as StepPaused, the name stays readable."""

    name = WorkflowRunEvent.condition_paused


@dataclass(kw_only=True)
class StepContinuedEvent(StepEvent):
    """An answer came, and the place it was for goes on."""

    name = WorkflowRunEvent.step_continued


@dataclass(kw_only=True)
class StepExecutorPausedEvent(StepEvent):
    """A tool call inside a step waits for people."""

    name = WorkflowRunEvent.step_executor_paused
    executor_id: str | None = None
    executor_name: str | None = None
    executor_run_id: str | None = None
    executor_type: str | None = None
    executor_requirements: list[Any] | None = None

    @property
    def is_paused(self) -> bool:
        """It does, here."""
        return True


@dataclass(kw_only=True)
class StepExecutorContinuedEvent(StepEvent):
    """The answers go back to the agent or team."""

    name = WorkflowRunEvent.step_executor_continued
    executor_id: str | None = None
    executor_name: str | None = None
    executor_run_id: str | None = None
    executor_type: str | None = None


@dataclass(kw_only=True)
class StepOutputReviewEvent(StepEvent):
    """Somebody is asked about an output."""

    name = WorkflowRunEvent.step_output_review
    output_review_message: str | None = None
    requires_output_review: bool = True

    @property
    def is_paused(self) -> bool:
        """It does, here."""
        return True


@dataclass(kw_only=True)
class StepErrorEvent(StepEvent):
    """A step failed, and somebody is asked what now."""

    name = WorkflowRunEvent.step_error
    error: str | None = None


@dataclass(kw_only=True)
class StepOutputEvent(StepEvent):
    """What a function step gave back."""

    name = WorkflowRunEvent.step_output
    step_output: StepOutput | None = None


@dataclass(kw_only=True)
class LoopExecutionStartedEvent(StepEvent):
    """A loop has begun."""

    name = WorkflowRunEvent.loop_execution_started
    max_iterations: int | None = None


@dataclass(kw_only=True)
class LoopExecutionCompletedEvent(StepEvent):
    """A loop has come to its end."""

    name = WorkflowRunEvent.loop_execution_completed
    total_iterations: int | None = None
    max_iterations: int | None = None


@dataclass(kw_only=True)
class LoopIterationStartedEvent(StepEvent):
    """An iteration has begun; counted from 1."""

    name = WorkflowRunEvent.loop_iteration_started
    iteration: int | None = None
    max_iterations: int | None = None


@dataclass(kw_only=True)
class LoopIterationCompletedEvent(StepEvent):
    """An iteration has come to its end."""

    name = WorkflowRunEvent.loop_iteration_completed
    iteration: int | None = None
    max_iterations: int | None = None
    should_continue: bool | None = None


@dataclass(kw_only=True)
class ParallelExecutionStartedEvent(StepEvent):
    """Branches have begun side by side."""

    name = WorkflowRunEvent.parallel_execution_started
    parallel_step_count: int | None = None


@dataclass(kw_only=True)
class ParallelExecutionCompletedEvent(StepEvent):
    """All branches have come back."""

    name = WorkflowRunEvent.parallel_execution_completed
    parallel_step_count: int | None = None


@dataclass(kw_only=True)
class ConditionExecutionStartedEvent(StepEvent):
    """A condition was decided; `branch` is "if", "else", or None when nothing runs."""

    name = WorkflowRunEvent.condition_execution_started
    condition_result: bool | None = None
    branch: str | None = None


@dataclass(kw_only=True)
class ConditionExecutionCompletedEvent(StepEvent):
    """A condition's branch has come to its end."""

    name = WorkflowRunEvent.condition_execution_completed
    condition_result: bool | None = None
    branch: str | None = None


@dataclass(kw_only=True)
class RouterExecutionStartedEvent(StepEvent):
    """A route was chosen."""

    name = WorkflowRunEvent.router_execution_started
    selected_steps: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class RouterExecutionCompletedEvent(StepEvent):
    """The chosen route has come to its end."""

    name = WorkflowRunEvent.router_execution_completed
    selected_steps: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class StepsExecutionStartedEvent(StepEvent):
    """A group of steps has begun."""

    name = WorkflowRunEvent.steps_execution_started
    steps_count: int | None = None


@dataclass(kw_only=True)
class StepsExecutionCompletedEvent(StepEvent):
    """A group of steps has come to its end."""

    name = WorkflowRunEvent.steps_execution_completed
    steps_count: int | None = None


@dataclass(kw_only=True)
class CustomEvent(StepEvent):
    """For authors to derive from: what a step's function yields of it appears in the stream."""

    name = WorkflowRunEvent.custom_event


WORKFLOW_RUN_EVENT_TYPE_REGISTRY: dict[str, type[BaseWorkflowRunEvent]] = {
    str(kind.name): kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, BaseWorkflowRunEvent) and hasattr(kind, "name")
}


def workflow_run_output_event_from_dict(data: Mapping[str, Any]) -> BaseWorkflowRunEvent:
    """The event that `to_dict` described, in its class. ValueError for an unknown name."""
    kind = WORKFLOW_RUN_EVENT_TYPE_REGISTRY.get(data.get("event", ""))
    if kind is None:
        raise ValueError(f"Unknown workflow event type: {data.get('event')}")
    return kind.from_dict(data)
