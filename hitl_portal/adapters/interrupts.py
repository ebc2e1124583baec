"""LangGraph's interrupts as questions, and answers as what a graph is resumed with. Knows neither graph nor server.

A request to use tools (see `tool_requests`) is asked as one. A question as our API has it (`kind`, `message`, …) is
asked as it is, and gets the whole answer. Any other value is shown, and gets text or data that somebody fills in.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hitl_portal.adapters.tool_requests import LONGEST_MESSAGE, Question, Said, form_of, one_line

# Not who decides, nor what silence means: a value may be a model's, and that is for people to say.
QUESTION = ("title", "fields", "choices", "allow_multiple", "content", "tool")
TEXT, DATA = "text", "data"
OPEN_FIELDS = [
    {"name": "form", "label": "The answer is", "value": TEXT, "allowed_values": [TEXT, DATA]},
    {"name": "text", "label": "Answer", "field_type": "text", "when": {"form": TEXT}, "required": False},
    {"name": "data", "label": "Answer, as JSON", "field_type": "json", "when": {"form": DATA}},
]


def questions_of(value: Any, who: str = "") -> list[Question]:
    """What people are asked about the value of an interrupt, as the body of `POST /api/v1/requirements`: one question,
    or one for each use of a tool that is requested. `who` is the name of the node that waits."""
    form = form_of(value)
    if form is not None:
        return [request.question(who) for request in form.requests]
    if _is_question(value):
        return [{name: value[name] for name in ("kind", "message", *QUESTION) if name in value}]
    return [_anything(value, who)]


def resume_of(value: Any, answers: Iterable[Said]) -> Any:
    """What the graph is resumed with: the answers are those to `questions_of` the same value, in the same order."""
    answers, form = list(answers), form_of(value)
    if form is not None:
        return form.resume(answers)
    return _whole(answers[0]) if _is_question(value) else _filled(answers[0])


def _is_question(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(name), str) for name in ("kind", "message")
    )


def _anything(value: Any, who: str) -> Question:
    is_text = isinstance(value, str) and bool(value.strip())
    asked = {"kind": "user_input", "title": one_line(who), "fields": OPEN_FIELDS}
    if is_text and len(value) <= LONGEST_MESSAGE:
        return asked | {"message": value}
    message = f"What does “{who}” go on with?" if who else "What does it go on with?"
    return asked | {"message": message, "content": value}


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
