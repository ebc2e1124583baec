"""WorkflowExecutionInput: what a function that is a whole workflow reads."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from workflows.types.step_io import as_text


@dataclass(kw_only=True)
class WorkflowExecutionInput:
    """What the run was started with."""

    input: Any = None
    additional_data: dict[str, Any] | None = None
    images: list[Any] | None = None
    videos: list[Any] | None = None
    audio: list[Any] | None = None
    files: list[Any] | None = None

    def get_input_as_string(self) -> str | None:
        """The input as text: text as it is, data as JSON."""
        return None if self.input is None else as_text(self.input)

    def to_dict(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The input that `to_dict` described."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})
