"""Facts: what is known of a run besides its machine: its questions with their answers, and what it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from workflows.engine.needs import Ask
from workflows.types import Answer, WorkflowMetrics


@dataclass(kw_only=True)
class Question:
    """A question of a run, and what was answered so far, by whom (`is_timers`: nobody has). `id` is that of its row,
    where it has one; `is_withdrawn`: its run ended before."""

    ask: Ask
    answer: Answer | None = None
    timeout_at: datetime | None = None
    answered_at: datetime | None = None
    id: str = ""
    opened_at: datetime | None = None
    decided_by: str = ""
    is_timers: bool = False
    is_withdrawn: bool = False


@dataclass(kw_only=True)
class Facts:
    """What is known of a run besides its machine; `given` is everything that it was started with, by name."""

    run_id: str
    session_id: str
    user_id: str | None = None
    input: Any = None
    metadata: dict[str, Any] | None = None
    created_at: int = 0
    questions: list[Question] = field(default_factory=list)
    metrics: WorkflowMetrics | None = None
    given: Mapping[str, Any] = field(default_factory=dict)


class Known(Protocol):
    """Whoever knows the facts of a run when they are asked for: that may cost a query."""

    @property
    def facts(self) -> Facts:
        """They."""
