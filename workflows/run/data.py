"""Data: a run's output and its events as JSON-clean dicts, and back. What only the authors' data can hold (models,
bytes) carries a type tag, see `engine.values`."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any

from workflows.engine import values
from workflows.types import StepOutput, UserInputField, WorkflowMetrics
from workflows.types.requirements import ErrorRequirement, StepRequirement

# Fields that hold our own objects, or lists of them; everything else is the author's.
KINDS: dict[str, Any] = {
    "step_results": StepOutput,
    "step_response": StepOutput,
    "step_output": StepOutput,
    "step_requirements": StepRequirement,
    "error_requirements": ErrorRequirement,
    "user_input_schema": UserInputField,
    "metrics": WorkflowMetrics,
}
OURS = {
    *KINDS,
    "run_output",
    "step_executor_runs",
    "events",
    "executor_requirements",
    "requirements",
    "active_requirements",
    "tools",
    "tool",
    "member_responses",
}


def as_data(thing: Any) -> dict[str, Any]:
    """The fields of a dataclass that are set."""
    pairs = ((f.name, getattr(thing, f.name)) for f in fields(thing))
    return {
        name: _ours(value) if name in OURS else values.tagged(_word(value))
        for name, value in pairs
        if value is not None
    }


def as_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """What `as_data` described, as arguments of the dataclass; unknown keys are left out."""
    known = {f.name: data[f.name] for f in fields(kind) if f.name in data}
    return {
        name: value if name in OURS - KINDS.keys() else _theirs(name, value) for name, value in known.items()
    }


def _ours(value: Any) -> Any:
    # First: the outputs inside a composite are a sequence whose own `to_dict` says only where they are.
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_ours(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def _theirs(name: str, value: Any) -> Any:
    kind = KINDS.get(name)
    if kind is None:
        return values.untagged(value)
    if isinstance(value, list):
        return [kind.from_dict(item) for item in value]
    return kind.from_dict(value) if isinstance(value, Mapping) else value


def _word(value: Any) -> Any:
    """An enum of ours as its string."""
    return str(value) if isinstance(value, StrEnum) else value
