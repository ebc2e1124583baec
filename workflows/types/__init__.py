"""The values that authors and the engine exchange; pure Python, at the bottom of everything."""

from workflows.types.answer import Answer
from workflows.types.business_hours import BusinessHours
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
from workflows.types.files import File
from workflows.types.human_review import HumanReview
from workflows.types.metrics import StepMetrics, WorkflowMetrics
from workflows.types.requirements import ErrorRequirement, StepRequirement
from workflows.types.review_policy import Circle, Escalation, ReviewPolicy
from workflows.types.step_io import MEDIA, StepInput, StepOutput

__all__ = [
    "MEDIA",
    "Action",
    "Answer",
    "BusinessHours",
    "Circle",
    "ErrorRequirement",
    "Escalation",
    "ExecutorType",
    "File",
    "HumanReview",
    "InputErrors",
    "OnError",
    "OnReject",
    "OnTimeout",
    "PauseKind",
    "RequirementKind",
    "ReviewPolicy",
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
