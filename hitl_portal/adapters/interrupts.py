"""LangGraph's interrupts as questions, and answers as what a graph is resumed with. Knows neither graph nor server.

Three forms of value are known. Agent Inbox's (`action_request`, `config`, `description`; alone or in a list) is about
the use of a tool, and gets Agent Inbox's responses. A question as our API has it (`kind`, `message`, …) is asked as it
is, and gets the whole answer. Any other value is shown, and gets text or data that somebody fills in.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

Question = dict[str, Any]

# Not who decides, nor what silence means: a value may be a model's, and that is for people to say.
QUESTION = ("title", "fields", "choices", "allow_multiple", "content", "tool")
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_NAME = 200, 20_000, 200
TEXT, DATA = "text", "data"
OPEN_FIELDS = [
    {"name": "form", "label": "The answer is", "value": TEXT, "allowed_values": [TEXT, DATA]},
    {"name": "text", "label": "Answer", "field_type": "text", "when": {"form": TEXT}, "required": False},
    {"name": "data", "label": "Answer, as JSON", "field_type": "json", "when": {"form": DATA}},
]
REPLY = [{"name": "response", "label": "Response", "field_type": "text"}]


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


def questions_of(value: Any, who: str = "") -> list[Question]:
    """What people are asked about the value of an interrupt, as the body of `POST /api/v1/requirements`: one question,
    or one for each request in Agent Inbox's list. `who` is the name of the node that waits."""
    requests = _requests(value)
    if requests is not None:
        return [_request(request, who) for request in requests]
    if _is_question(value):
        return [{name: value[name] for name in ("kind", "message", *QUESTION) if name in value}]
    return [_anything(value, who)]


def resume_of(value: Any, answers: Iterable[Said]) -> Any:
    """What the graph is resumed with: the answers are those to `questions_of` the same value, in the same order."""
    answers, requests = list(answers), _requests(value)
    if requests is not None:
        said = [_response(request, answer) for request, answer in zip(requests, answers, strict=True)]
        return said if isinstance(value, list) else said[0]
    return _whole(answers[0]) if _is_question(value) else _filled(answers[0])


def _requests(value: Any) -> list[Mapping[str, Any]] | None:
    """The requests in Agent Inbox's form; None for any other value."""
    found = value if isinstance(value, list) and value else [value]
    return found if all(_is_request(each) for each in found) else None


def _is_request(value: Any) -> bool:
    action = value.get("action_request") if isinstance(value, Mapping) else None
    return (
        isinstance(action, Mapping)
        and bool(action.get("action"))
        and isinstance(value.get("config"), Mapping)
    )


def _is_question(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(name), str) for name in ("kind", "message")
    )


def _request(request: Mapping[str, Any], who: str) -> Question:
    name, args = str(request["action_request"]["action"]), request["action_request"].get("args")
    said = str(request.get("description") or "")[:LONGEST_MESSAGE]
    config = request["config"]
    if config.get("allow_accept") or config.get("allow_edit"):
        tool = {
            "name": name[:LONGEST_NAME],
            "args": args or {},
            "description": said,
            "who": who[:LONGEST_NAME],
        }
        closed: Question = {} if config.get("allow_edit") else {"fields": []}
        return {
            "kind": "tool_confirmation",
            "message": said or name,
            "title": _line(name),
            "tool": tool | closed,
        }
    asked: Question = {"message": said or name, "title": _line(name), "content": request["action_request"]}
    if config.get("allow_respond"):
        return asked | {"kind": "user_input", "fields": REPLY}
    return asked | {"kind": "confirmation"}


def _response(request: Mapping[str, Any], answer: Said) -> dict[str, Any]:
    """Agent Inbox's HumanResponse."""
    config, asked = request["config"], request["action_request"]
    if answer.action == "approve" and answer.values:
        return _told("response", str(answer.values.get("response", "")))
    if answer.action == "approve" and config.get("allow_accept"):
        return _told("accept")
    if answer.action in ("approve", "edit") and config.get("allow_edit"):
        args = answer.content if answer.action == "edit" else asked.get("args") or {}
        return _told("edit", {"action": asked["action"], "args": args})
    return _no(config, answer)


def _no(config: Mapping[str, Any], answer: Said) -> dict[str, Any]:
    """A no with words is a response, where there may be one; without words, or at the end of the run, "ignore"."""
    may_say, may_ignore = config.get("allow_respond"), config.get("allow_ignore")
    if answer.action == "reject" and may_say and (answer.feedback or not may_ignore):
        return _told("response", answer.feedback or "No.")
    return _told("ignore")


def _told(type: str, args: Any = None) -> dict[str, Any]:
    return {"type": type, "args": args}


def _anything(value: Any, who: str) -> Question:
    is_text = isinstance(value, str) and bool(value.strip())
    asked = {"kind": "user_input", "title": _line(who), "fields": OPEN_FIELDS}
    if is_text and len(value) <= LONGEST_MESSAGE:
        return asked | {"message": value}
    return asked | {
        "message": f"The graph waits at “{who}” for an answer." if who else "A graph waits.",
        "content": value,
    }


def _filled(answer: Said) -> Any:
    """The text or the data. A no is False, so that no graph takes it for a yes."""
    if answer.action != "approve":
        return False
    if answer.values.get("form") == DATA:
        data = answer.values.get("data")
        return json.loads(data) if isinstance(data, str) else data
    return answer.values.get("text") or ""


def _whole(answer: Said) -> dict[str, Any]:
    return {
        "action": str(answer.action),
        "approved": answer.action in ("approve", "edit"),
        "feedback": answer.feedback or "",
        "values": dict(answer.values),
        "choices": list(answer.choices),
        "content": answer.content,
    }


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TITLE]
