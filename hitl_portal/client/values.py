"""What the client tells: questions that were asked, answers, and what was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal[
    "confirmation",
    "user_input",
    "route",
    "output_review",
    "tool_confirmation",
    "tool_input",
    "external_execution",
    "error",
]


class PortalError(Exception):
    """The portal has refused something; `kind` is the last part of the problem's type, as "not-eligible"."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, dict(problem)
        self.kind = str(problem.get("type", "")).rpartition(":")[2]
        super().__init__(f"{status} {self.kind}: {problem.get('detail', '')}")


class NotAnswered(Exception):
    """Nobody answers any more: the run has ended before."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was decided. `values` are those of a form, `choices` of a route, `content` what a reviewer has changed."""

    action: str
    approved: bool
    feedback: str
    values: dict[str, Any] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    content: Any = None
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Answer":
        """As the API tells it."""
        same = ("action", "approved", "feedback", "values", "content", "decided_by")
        at = datetime.fromisoformat(told["decided_at"])
        return cls(**{name: told[name] for name in same}, choices=tuple(told["choices"]), decided_at=at)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question in the inbox: keep its id, and ask for the answer whenever you like. `url` is its card."""

    requirement_id: str
    run_id: str
    status: str
    revision: int
    url: str
    answer: Answer | None

    @property
    def is_over(self) -> bool:
        """There is an answer, or nobody gives one any more."""
        return self.status in ("decided", "withdrawn")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Asked":
        """As the API tells it."""
        same = ("requirement_id", "run_id", "status", "revision", "url")
        answer = Answer.of(told["answer"]) if told["answer"] else None
        return cls(**{name: told[name] for name in same}, answer=answer)
