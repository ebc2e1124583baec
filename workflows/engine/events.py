"""Event: one fact about a run, told where the record is written and therefore once."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True, slots=True)
class Event:
    """What happened, and where; never changed. `type` is the public name without its suffix (`StepCompleted`);
    `data` is small and JSON-able: outputs are kept once, as values, and found by path. `once` is by what its place
    remembers that it was told; `payload` is for streams alone."""

    type: str
    path: str = ""
    step_name: str = ""
    step_index: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    once: str = ""
    payload: Any = None
