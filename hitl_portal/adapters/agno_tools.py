"""Agno's tools that wait for people: what is asked about each, and what stands in it once it is answered. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from hitl_portal.adapters.found import Answers, Posed

LONGEST = 200
TYPES = {"str": "str", "int": "int", "float": "float", "bool": "bool"}
NO, NOBODY = "No.", "Nobody answers."


def posed(tools: Sequence[Mapping[str, Any]], *, who: str, team: str = "") -> list[Posed]:
    """The questions about tools that wait, each at the id of its call."""
    found = []
    for tool in tools:
        kind, spot = kind_of(tool), str(tool.get("tool_call_id") or "")
        if kind and spot:
            found.append(Posed(spot=spot[:LONGEST], said=_question(kind, tool, who, team)))
    return found


def posed_of_requirements(
    requirements: Sequence[Mapping[str, Any]], *, who: str = "", team: str = ""
) -> list[Posed]:
    """The same about requirements, each at its own id: of a team (whose members have tools) or of a workflow's step."""
    found = []
    for one in requirements:
        tool, spot = one.get("tool_execution"), str(one.get("id") or "")
        kind = kind_of(tool) if isinstance(tool, Mapping) else ""
        if kind and spot and isinstance(tool, Mapping):
            member = str(one.get("member_agent_name") or who or team)
            said = _question(kind, tool, member, team if one.get("member_agent_name") else "")
            found.append(Posed(spot=spot[:LONGEST], said=said))
    return found


def kind_of(tool: Mapping[str, Any]) -> str:
    """What it waits for; nothing where it does not."""
    if tool.get("requires_confirmation") and tool.get("confirmed") is None:
        return "tool_confirmation"
    if tool.get("requires_user_input") and not tool.get("answered"):
        return "tool_input"
    if tool.get("external_execution_required") and tool.get("result") is None:
        return "external_execution"
    return ""


def answered(tools: Sequence[Mapping[str, Any]], answers: Answers) -> list[dict[str, Any]]:
    """The tools with what was said about them."""
    return [_filled(tool, answers, str(tool.get("tool_call_id") or "")) for tool in tools]


def requirements_answered(
    requirements: Sequence[Mapping[str, Any]], answers: Answers
) -> list[dict[str, Any]]:
    """The requirements with what was said about them: it stands in each, and in its tool."""
    found = []
    for one in requirements:
        spot, tool = str(one.get("id") or "")[:LONGEST], one.get("tool_execution")
        if spot not in answers or not isinstance(tool, Mapping):
            found.append(dict(one))
            continue
        filled = _filled(tool, answers, spot)
        same = {"confirmation": filled.get("confirmed"), "confirmation_note": filled.get("confirmation_note")}
        schema = {"user_input_schema": filled["user_input_schema"]} if one.get("user_input_schema") else {}
        found.append({**one, **same, **schema, "tool_execution": filled})
    return found


def _question(kind: str, tool: Mapping[str, Any], who: str, team: str) -> dict[str, Any]:
    name, args = str(tool.get("tool_name") or "?")[:LONGEST], tool.get("tool_args")
    args = args if isinstance(args, Mapping) else {}
    said: dict[str, Any] = {"name": name, "args": dict(args), "who": who[:LONGEST], "team": team[:LONGEST]}
    if kind == "tool_input":
        said["fields"] = [field_of(field) for field in _schema(tool)]
    return {"kind": kind, "message": f"{who}: {name}", "title": name, "tool": said}


def field_of(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field of theirs as one of ours; types that ours does not have are JSON."""
    known = {
        name: field[name] for name in ("name", "description", "value", "allowed_values") if field.get(name)
    }
    kind = TYPES.get(str(field.get("field_type") or "str"), "json")
    return {"field_type": kind, "value": field.get("value"), "required": field.get("required", True), **known}


def _schema(tool: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    schema = tool.get("user_input_schema")
    return [field for field in schema if isinstance(field, Mapping)] if isinstance(schema, list) else []


def _filled(tool: Mapping[str, Any], answers: Answers, spot: str) -> dict[str, Any]:
    if spot[:LONGEST] not in answers:
        return dict(tool)
    answer, kind = answers[spot[:LONGEST]], kind_of(tool)
    if answer is None or answer.get("action") not in ("approve", "edit"):
        return {**tool, **_refused(kind, answer)}
    if kind == "tool_input":
        values = answer.get("values") or {}
        fields = [
            {**field, "value": values.get(field.get("name"), field.get("value"))} for field in _schema(tool)
        ]
        return {**tool, "user_input_schema": fields, "answered": True}
    if kind == "external_execution":
        content = answer.get("content")
        return {**tool, "result": "" if content is None else content}
    changed = {"tool_args": answer["content"]} if answer.get("action") == "edit" else {}
    return {**tool, **changed, "confirmed": True, "confirmation_note": answer.get("feedback")}


def _refused(kind: str, answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """A no: the model reads the note, in place of a result where there is no other way to tell it."""
    note = str(answer.get("feedback") or NO) if answer is not None else NOBODY
    refused: dict[str, Any] = {"confirmed": False, "confirmation_note": note}
    if kind == "external_execution":
        return {"result": note}
    return refused | ({"answered": True} if kind == "tool_input" else {})
