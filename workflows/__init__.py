"""The authors' front door: everything that a workflow is written with. Importing it needs no Django."""

from workflows.decorators import pause
from workflows.step import Step
from workflows.steps import Steps
from workflows.types import (
    HumanReview,
    OnError,
    OnReject,
    OnTimeout,
    StepInput,
    StepOutput,
    UserInputField,
)
from workflows.workflow import Workflow

__all__ = [
    "HumanReview",
    "OnError",
    "OnReject",
    "OnTimeout",
    "Step",
    "StepInput",
    "StepOutput",
    "Steps",
    "UserInputField",
    "Workflow",
    "pause",
]
