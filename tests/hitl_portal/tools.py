"""What an engine asks about a tool, as it is kept, and turns of an agent as they are kept."""

import json
from typing import Any

from django.utils import timezone

from tests.hitl_portal.conftest import Ask
from workflows.models import Requirement, StepRecord, Value, WorkflowRun

AGENT = {"id": "desk", "name": "Refund desk", "type": "agent", "path": "pay", "run_id": "r:pay"}
MEMBER = {"id": "writer", "name": "Writer", "type": "agent", "path": "pay/0.0::Writer", "run_id": "r"}
FIELDS: list[dict[str, Any]] = [
    {"name": "order", "field_type": "str", "description": "Its number.", "required": True, "of_model": True},
    {"name": "amount", "field_type": "float", "description": None, "required": True, "of_model": True},
    {"name": "express", "field_type": "bool", "description": None, "required": False, "of_model": False},
    {"name": "lines", "field_type": "list", "description": None, "required": False, "of_model": False},
]
ARGS: dict[str, Any] = {"order": "A-7", "amount": 120.0}
QUESTIONS: list[dict[str, Any]] = [
    {
        "question": "Which city?",
        "header": "City",
        "options": [{"label": "Graz", "description": "Near them"}, {"label": "Linz", "description": None}],
        "multi_select": False,
    },
    {
        "question": "What for?",
        "header": None,
        "options": [{"label": "Prices", "description": None}, {"label": "Dates", "description": None}],
        "multi_select": True,
    },
]


def a_tool(**changed: Any) -> dict[str, Any]:
    """What an engine says of the tool `pay_refund` that an agent wants to use."""
    args = changed.get("args", ARGS)
    fields = [field | {"value": args.get(str(field["name"]))} for field in FIELDS]
    properties = {"order": {}, "amount": {}, "express": {"default": False}, "lines": {}}
    return {
        "name": "pay_refund",
        "args": args,
        "call_id": "call-1",
        "description": "Pay money back.",
        "parameters": {"type": "object", "properties": properties},
        "fields": fields,
        "questions": [],
        "approval": None,
        "silent": False,
        "executor": AGENT,
        "member": None,
    } | changed


def ask_about_tool(
    ask: Ask,
    kind: str = "tool_confirmation",
    *,
    run: WorkflowRun | None = None,
    path: str = "pay/1.0:pay_refund",
    **tool: Any,
) -> Requirement:
    """An open question about a tool, in the second turn of the agent at the step "pay"."""
    asked = ask(kind, "", run=run, path=path, key="gate", tool=a_tool(**tool))
    Requirement.objects.filter(id=asked.id).update(path=path, key="gate")
    asked.refresh_from_db()
    return asked


def call(name: str, place: str | list[str], **about: Any) -> dict[str, Any]:
    """A call as the engine keeps it with its turn."""
    known: dict[str, Any] = {
        "name": name,
        "args": {},
        "call_id": "c",
        "place": place,
        "description": "",
        "gate": None,
    }
    return known | {"approval": None, "refused": ""} | about


def a_turn(run: WorkflowRun, path: str, number: int, text: str = "", **about: Any) -> Value:
    """What an agent at a path said at a turn; `calls`, `thinking` and `usage`."""
    calls = about.get("calls", [])
    reply: dict[str, Any] = {"text": text, "calls": [], "raw": None}
    reply |= {"thinking": about.get("thinking", ""), "usage": about.get("usage", {})}
    kind = about.get("type", "agent")
    data = {"content": text, "step_name": path, "executor_name": about.get("name", "Refund desk")}
    data |= {"executor_type": kind, "success": True, "reply": reply, "calls": calls}
    return Value.objects.create(run=run, path=path, slot=f"turn:{number}", data=json.dumps(data))


def a_use(run: WorkflowRun, path: str, content: Any = "done", error: str = "") -> StepRecord:
    """What came of a call, or what a member did for one."""
    data = {"content": content, "success": not error} | ({"error": error} if error else {})
    output = Value.objects.create(run=run, path=path, slot="result", data=json.dumps(data))
    name, now = path.rpartition(":")[2], timezone.now()
    status = "failed" if error else "completed"
    return run.records.create(
        path=path, name=name, kind="Tool", status=status, output=output, started_at=now, finished_at=now
    )
