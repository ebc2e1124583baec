"""What the model of an agent says: as plain data, for the author's scripted model and for the naive evaluator alike."""

from dataclasses import dataclass
from typing import Any

from tests.agreement.trees import ALL, ASK, Talk, Wish

UNREADABLE = "No JSON object"


@dataclass(frozen=True)
class Line:
    """A call of a tool as the model makes it."""

    name: str
    args: dict[str, Any]
    wrong: str = ""


def lines(talk: Talk, path: str, number: int, said: int) -> tuple[str, list[Line]]:
    """What it says at a path when it is asked for the `number`-th time and has said `said` things since it began."""
    if said >= len(talk.script):
        return f"answer {number} of {path}", []
    wishes = talk.script[said]
    text = f"thought {said}" if said % 2 else ""
    return text, [_line(wish, f"{number}.{position}@{path}") for position, wish in enumerate(wishes)]


def _line(wish: Wish, at: str) -> Line:
    name, args = _call(wish, at)
    return Line(name, {}, UNREADABLE) if wish.wrong == "unreadable" else Line(name, args)


def _call(wish: Wish, at: str) -> tuple[str, dict[str, Any]]:
    wrong = wish.wrong == "unknown"
    if wish.member == ALL:
        return "delegate_task_to_members", {"task": "" if wrong else f"task {at}"}
    if wish.member:
        return "delegate_task_to_member", {"member_id": "?" if wrong else wish.member, "task": f"task {at}"}
    if wish.tool == ASK:
        return ASK, {"questions": [] if wrong else [_question(at, wish.n)]}
    return wish.tool, {"at": at, "m" if wrong else "n": wish.n}


def _question(at: str, n: int) -> dict[str, Any]:
    options = [{"label": label, "description": None} for label in ("left", "right", "ahead")]
    return {"question": f"{at}?", "header": "Way", "options": options, "multi_select": n % 2 == 0}
