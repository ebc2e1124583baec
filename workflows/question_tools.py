"""The tool that a question from outside is about: who wants to use it, with what, and the form that people fill in.

Made of what another program says, into what the engine says of the tools of its own agents, so that a card shows both
alike. Knows nothing of who asks, and uses no tool.
"""

from collections.abc import Mapping
from typing import Any

from workflows.types import RequirementKind, UserInputField

KINDS = (
    RequirementKind.tool_confirmation,
    RequirementKind.tool_input,
    RequirementKind.external_execution,
)
LONGEST_LINE = 80
FIELD_TYPES: tuple[tuple[type, str], ...] = ((bool, "bool"), (int, "int"), (float, "float"))


def tool_of(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Everything about the tool, from its `name`, `args`, `description`, `fields`, and `who` wants to use it, with its
    `team`, where it has one. Where no fields are said, the arguments of a confirmation can be changed one by one.

    Raises ValueError, TypeError or AttributeError for what is no tool. What it made itself it leaves as it is.
    """
    name, args = said.get("name"), said.get("args") or {}
    if not name or not isinstance(name, str) or not isinstance(args, Mapping):
        raise ValueError("A tool has a name, and arguments by name")
    fields = said.get("fields")
    if fields is None:
        fields = _fields(args) if kind == RequirementKind.tool_confirmation else []
    return {
        "name": name,
        "args": dict(args),
        "call_id": str(said.get("call_id") or ""),
        "description": str(said.get("description") or ""),
        "parameters": {},
        "fields": [UserInputField.of(field).to_dict() for field in fields],
        "questions": [],
        "approval": None,
        "silent": False,
        **_users(said),
    }


def _users(said: Mapping[str, Any]) -> dict[str, Any]:
    if "executor" in said:
        return {"executor": _named(said["executor"]["name"])} | (
            {"member": _named(said["member"]["name"])} if said.get("member") else {}
        )
    who, team = str(said.get("who") or ""), str(said.get("team") or "")
    if not team:
        return {"executor": _named(who)}
    return {"executor": _named(team)} | ({"member": _named(who)} if who else {})


def _named(name: object) -> dict[str, str]:
    return {"id": "", "name": str(name), "type": "agent", "path": "", "run_id": ""}


def _fields(args: Mapping[str, Any]) -> list[UserInputField]:
    """A field for each argument, of the type that its value has; one that was empty may be left so."""
    return [
        UserInputField(
            name=str(name), field_type=_type(value), value=value, required=value not in (None, "", [], {})
        )
        for name, value in args.items()
    ]


def _type(value: Any) -> str:
    if isinstance(value, str):
        return "text" if "\n" in value or len(value) > LONGEST_LINE else "str"
    return next((name for type_, name in FIELD_TYPES if isinstance(value, type_)), "json")
