"""What a run and its steps took (spec 1.1)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(kw_only=True)
class StepMetrics:
    """What one step took; `duration` in seconds, `metrics` is what its executor says of itself."""

    step_name: str
    executor_type: str = "function"
    executor_name: str | None = None
    duration: float | None = None
    metrics: Any = None

    def to_dict(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The metrics that `to_dict` described."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


@dataclass(kw_only=True)
class WorkflowMetrics:
    """What a run took, by step; `duration` in seconds, without the time that it waited for people."""

    steps: dict[str, StepMetrics] = field(default_factory=dict)
    duration: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The metrics that `to_dict` described."""
        steps = {name: StepMetrics.from_dict(step) for name, step in (data.get("steps") or {}).items()}
        return cls(steps=steps, duration=data.get("duration"))
