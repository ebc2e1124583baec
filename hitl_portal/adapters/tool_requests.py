"""Requests to use a tool that an interrupt carries, in the two forms in use, and what a graph reads as answers.

Agent Inbox's: `action_request` with `config` and `description`, alone or in a list, answered by accept, edit, response
or ignore. LangChain's middleware's: `action_requests` with `review_configs`, answered by decisions: approve, edit,
reject or respond. Knows neither graph nor server.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

Question = dict[str, Any]

LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_NAME = 200, 20_000, 200
REPLY = [{"name": "response", "label": "Response", "field_type": "text"}]
NO = "No."


class Said(Protocol):
    """An answer, as the client or the portal itself has it."""

    @property
    def action(self) -> str: ...
    @property
    def feedback(self) -> str | None: ...
    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def choices(self) -> Iterable[str]: ...
    @property
    def content(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request: the tool, and what may be said: accept, edit, respond, ignore or reject."""

    name: str
    args: Any
    description: str
    allowed: frozenset[str]

    def question(self, who: str) -> Question:
        """What people are asked; `who` wants to use the tool."""
        asked: Question = {"message": self.description or self.name, "title": one_line(self.name)}
        if self.allowed & {"accept", "edit"}:
            tool: Question = {
                "name": self.name[:LONGEST_NAME],
                "args": self.args or {},
                "who": who[:LONGEST_NAME],
            }
            closed: Question = {} if "edit" in self.allowed else {"fields": []}
            return asked | {
                "kind": "tool_confirmation",
                "tool": tool | {"description": self.description} | closed,
            }
        asked["content"] = {"action": self.name, "args": self.args}
        return asked | (
            {"kind": "user_input", "fields": REPLY} if "respond" in self.allowed else {"kind": "confirmation"}
        )

    def verdict(self, answer: Said) -> tuple[str, Any]:
        """What was said, of what is allowed, with the arguments or the text that belongs to it; else "no"."""
        if answer.action == "approve" and answer.values:
            return "respond", str(answer.values.get("response", ""))
        if answer.action == "approve" and "accept" in self.allowed:
            return "accept", None
        if answer.action in ("approve", "edit") and "edit" in self.allowed:
            return "edit", answer.content if answer.action == "edit" else self.args or {}
        return "no", answer.feedback or ""


class InboxForm:
    """Agent Inbox's."""

    def __init__(self, value: Any) -> None:
        self._is_list = isinstance(value, list)
        self.requests = [_inbox_request(one) for one in (value if self._is_list else [value])]

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """None for a value of another form."""
        found = value if isinstance(value, list) and value else [value]
        return cls(value) if all(_is_inbox(each) for each in found) else None

    def resume(self, answers: Iterable[Said]) -> Any:
        """A response to each."""
        said = [_inbox_response(one, answer) for one, answer in zip(self.requests, answers, strict=True)]
        return said if self._is_list else said[0]


class MiddlewareForm:
    """LangChain's middleware's."""

    SAME: Mapping[str, str] = {"approve": "accept"}

    def __init__(self, value: Mapping[str, Any]) -> None:
        configs = {str(one.get("action_name")): one for one in value.get("review_configs") or ()}
        self.requests = [self._request(one, configs) for one in value["action_requests"]]

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """None for a value of another form."""
        requests = value.get("action_requests") if isinstance(value, Mapping) else None
        is_one = isinstance(requests, list) and bool(requests)
        return (
            cls(value)
            if is_one and all(isinstance(one, Mapping) and one.get("name") for one in requests or ())
            else None
        )

    def resume(self, answers: Iterable[Said]) -> Any:
        """A decision about each."""
        pairs = zip(self.requests, answers, strict=True)
        return {"decisions": [_decision(one, answer) for one, answer in pairs]}

    def _request(self, said: Mapping[str, Any], configs: Mapping[str, Mapping[str, Any]]) -> Request:
        allowed = configs.get(str(said["name"]), {}).get("allowed_decisions") or ("approve", "edit", "reject")
        return Request(
            name=str(said["name"]),
            args=said.get("args"),
            description=str(said.get("description") or "")[:LONGEST_MESSAGE],
            allowed=frozenset(self.SAME.get(str(one), str(one)) for one in allowed),
        )


def form_of(value: Any) -> InboxForm | MiddlewareForm | None:
    """The form of an interrupt's value; None where it is no request to use tools."""
    return InboxForm.of(value) or MiddlewareForm.of(value)


def one_line(text: str) -> str:
    """As a title."""
    return " ".join(text.split())[:LONGEST_TITLE]


def _is_inbox(value: Any) -> bool:
    action = value.get("action_request") if isinstance(value, Mapping) else None
    return (
        isinstance(action, Mapping)
        and bool(action.get("action"))
        and isinstance(value.get("config"), Mapping)
    )


def _inbox_request(said: Mapping[str, Any]) -> Request:
    action = said["action_request"]
    return Request(
        name=str(action["action"]),
        args=action.get("args"),
        description=str(said.get("description") or "")[:LONGEST_MESSAGE],
        allowed=frozenset(str(name).removeprefix("allow_") for name, may in said["config"].items() if may),
    )


def _inbox_response(request: Request, answer: Said) -> dict[str, Any]:
    """A no with words is a response, where there may be one; without words, or at the end of the run, "ignore"."""
    what, more = request.verdict(answer)
    if what == "edit":
        return {"type": "edit", "args": {"action": request.name, "args": more}}
    if what == "respond":
        return {"type": "response", "args": more}
    if what == "accept":
        return {"type": "accept", "args": None}
    says_no = answer.action == "reject" and "respond" in request.allowed
    if says_no and (more or "ignore" not in request.allowed):
        return {"type": "response", "args": more or NO}
    return {"type": "ignore", "args": None}


def _decision(request: Request, answer: Said) -> dict[str, Any]:
    """A no is a rejection; where there is none, a response."""
    what, more = request.verdict(answer)
    if what == "accept":
        return {"type": "approve"}
    if what == "edit":
        return {"type": "edit", "edited_action": {"name": request.name, "args": more}}
    if what == "no" and ("reject" in request.allowed or "respond" not in request.allowed):
        return {"type": "reject", "message": more or NO}
    return {"type": "respond", "message": more or NO}
