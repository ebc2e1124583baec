"""Answer: what a person, a timer or a script said to a requirement."""

from dataclasses import dataclass, field
from typing import Any, Self

from workflows.types.enums import Action, OnReject

APPROVING = frozenset((Action.approve, Action.edit))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, as data. `values` fills a form, `choices` names routes, `content` replaces a reviewed output or a
    tool's arguments, or is the result of a tool that somebody else has used; `on_reject` and `max_retries` (scripts
    only) the step's policy."""

    action: Action
    feedback: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    content: Any = None
    on_reject: OnReject | None = None
    max_retries: int | None = None

    @property
    def approved(self) -> bool:
        """The node may go on."""
        return self.action in APPROVING

    def to_dict(self) -> dict[str, Any]:
        """JSON-clean, only what is set."""
        data: dict[str, Any] = {"action": str(self.action)}
        if self.feedback:
            data["feedback"] = self.feedback
        if self.values:
            data["values"] = self.values
        if self.choices:
            data["choices"] = list(self.choices)
        if self.action is Action.edit or self.content is not None:
            data["content"] = self.content
        if self.on_reject:
            data["on_reject"] = str(self.on_reject)
        if self.max_retries is not None:
            data["max_retries"] = self.max_retries
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The answer that `to_dict` described."""
        policy = OnReject(data["on_reject"]) if data.get("on_reject") else None
        known = {
            "action": Action(data["action"]),
            "choices": tuple(data.get("choices", ())),
            "on_reject": policy,
        }
        return cls(**data | known)
