"""The values that authors and the engine exchange; pure Python, at the bottom of everything."""

from workflows.types.answer import Answer
from workflows.types.enums import (
    Action,
    ExecutorType,
    OnError,
    OnReject,
    OnTimeout,
    PauseKind,
    RequirementKind,
    RunStatus,
    StepStatus,
    StepType,
)
from workflows.types.execution import WorkflowExecutionInput
from workflows.types.fields import InputErrors, UserInputField, check_values
from workflows.types.human_review import HumanReview
from workflows.types.metrics import StepMetrics, WorkflowMetrics
from workflows.types.requirements import ErrorRequirement, StepRequirement
from workflows.types.step_io import MEDIA, StepInput, StepOutput

__all__ = [
    "MEDIA",
    "Action",
    "Answer",
    "ErrorRequirement",
    "ExecutorType",
    "HumanReview",
    "InputErrors",
    "OnError",
    "OnReject",
    "OnTimeout",
    "PauseKind",
    "RequirementKind",
    "RunStatus",
    "StepInput",
    "StepMetrics",
    "StepOutput",
    "StepRequirement",
    "StepStatus",
    "StepType",
    "UserInputField",
    "WorkflowExecutionInput",
    "WorkflowMetrics",
    "check_values",
]
