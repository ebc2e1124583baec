"""The authors' front door: everything that a workflow is written with. Importing it needs no Django."""

from workflows.cel import CEL_AVAILABLE, validate_cel_expression
from workflows.condition import Condition
from workflows.decorators import pause
from workflows.loop import Loop
from workflows.parallel import Parallel
from workflows.router import Router
from workflows.step import Step
from workflows.steps import Steps
from workflows.types import (
    ErrorRequirement,
    ExecutorType,
    HumanReview,
    OnError,
    OnReject,
    OnTimeout,
    PauseKind,
    StepInput,
    StepMetrics,
    StepOutput,
    StepRequirement,
    StepType,
    UserInputField,
    WorkflowExecutionInput,
    WorkflowMetrics,
)
from workflows.workflow import Workflow

__all__ = [
    "CEL_AVAILABLE",
    "Condition",
    "ErrorRequirement",
    "ExecutorType",
    "HumanReview",
    "Loop",
    "OnError",
    "OnReject",
    "OnTimeout",
    "Parallel",
    "PauseKind",
    "Router",
    "Step",
    "StepInput",
    "StepMetrics",
    "StepOutput",
    "StepRequirement",
    "StepType",
    "Steps",
    "UserInputField",
    "Workflow",
    "WorkflowExecutionInput",
    "WorkflowMetrics",
    "pause",
    "validate_cel_expression",
]
