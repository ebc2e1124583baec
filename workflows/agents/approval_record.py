"""Approval records: what is kept of a call that an admin decides, or whose decision is recorded, as the row that
spec 4.6 describes. Nothing of it is stored twice: it is made of the question and its answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.agents.approvals import ApprovalType
from workflows.agents.requirements import RunRequirement
from workflows.engine.machine import Machine
from workflows.run.facts import Facts, Question
from workflows.types import Action, Answer, ExecutorType, RunStatus

# Under which a run's metadata has the record of the last approval that an admin has decided.
APPROVAL = "approval"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The run in which somebody is asked; `workflow` is the name of its plan."""

    run_id: str
    session_id: str
    user_id: str | None
    workflow: str
    title: str
    status: RunStatus

    @classmethod
    def of(cls, machine: Machine, facts: Facts) -> "Origin":
        """Of a run as it stands."""
        plan = machine.journal.plan
        return cls(
            run_id=facts.run_id,
            session_id=facts.session_id,
            user_id=facts.user_id,
            workflow=plan.name,
            title=plan.title,
            status=machine.status,
        )


def approval_of(question: Question) -> ApprovalType | None:
    """What its tool's author asks for; None where that is nothing, or where nobody was asked about a tool."""
    found = (question.ask.tool or {}).get("approval")
    return ApprovalType(found) if found else None


def requirement_of(question: Question) -> RunRequirement:
    """A question about a tool as its author sees it, with the answer that it has, and the id of its record."""
    requirement = RunRequirement.of(question.ask, question.answer, question.answered_at, question.opened_at)
    known: dict[str, Any] = {"created_at": _epoch(requirement.created_at)}
    if approval_of(question) is ApprovalType.required:
        known["approval_id"] = question.id or None
    vars(requirement.tool_execution).update(known)  # past the setter: none of it is an answer
    return requirement


def status_of(question: Question) -> str:
    """One of pending, approved, rejected, expired (nobody answered in time) and cancelled (its run ended before)."""
    if question.answer is None:
        return "cancelled" if question.is_withdrawn else "pending"
    if question.answer.approved:
        return "approved"
    return "expired" if question.is_timers else "rejected"


def record_of(question: Question, origin: Origin) -> dict[str, Any]:
    """The record, JSON-able; times are in seconds since the epoch."""
    requirement = requirement_of(question)
    call, answered = requirement.tool_execution, _epoch(question.answered_at)
    return _source(question.ask.tool or {}, origin) | {
        "id": question.id,
        "run_id": origin.run_id,
        "session_id": origin.session_id,
        "status": status_of(question),
        "approval_type": str(approval_of(question)),
        "pause_type": requirement.pause_type,
        "tool_name": call.tool_name,
        "tool_args": call.tool_args,
        "expires_at": _epoch(question.timeout_at),
        "user_id": origin.user_id,
        "schedule_id": None,
        "schedule_run_id": None,
        "requirements": [requirement.to_dict()],
        "context": {"tool_names": [call.tool_name], "step_name": question.ask.step_name},
        "resolution_data": _resolution(question.answer) if question.answer else None,
        "resolved_by": question.decided_by or None,
        "resolved_at": answered,
        "created_at": _epoch(question.opened_at),
        "updated_at": answered or _epoch(question.opened_at),
        "run_status": str(origin.status),
    }


def told(metadata: dict[str, Any] | None, machine: Machine, facts: Facts) -> dict[str, Any] | None:
    """A run's metadata, with the record of the last approval that was decided in it."""
    decided = [question for question in facts.questions if _is_decided(question)]
    if not decided:
        return metadata
    return (metadata or {}) | {APPROVAL: record_of(decided[-1], Origin.of(machine, facts))}


def answer_of(status: str, data: Mapping[str, Any], kinds: Iterable[Action]) -> Answer:
    """What an admin says with a record's new status; `data` may have values, result, args and note; `kinds` is what
    may be answered. ValueError for a status that is no decision."""
    note = data.get("note")
    if status == "rejected":
        return Answer(action=Action.reject, feedback=note)
    if status != "approved":
        raise ValueError(f"An approval becomes 'approved' or 'rejected', not '{status}'")
    if "args" in data and Action.edit in kinds:
        return Answer(action=Action.edit, feedback=note, content=data["args"])
    return Answer(
        action=Action.approve, feedback=note, values=data.get("values") or {}, content=data.get("result")
    )


def _is_decided(question: Question) -> bool:
    return question.answer is not None and approval_of(question) is ApprovalType.required


def _source(tool: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Who asks: an agent or team on its own, or one in a workflow."""
    executor, member = tool["executor"], tool.get("member") or {}
    alone = origin.workflow == f"{executor['type']}-{executor['id']}"
    of_team = executor["type"] == ExecutorType.TEAM
    return {
        "source_type": executor["type"] if alone else "workflow",
        "source_name": executor["name"] if alone else origin.title,
        "agent_id": member.get("id") if of_team else executor["id"],
        "team_id": executor["id"] if of_team else None,
        "workflow_id": None if alone else origin.workflow,
    }


def _resolution(answer: Answer) -> dict[str, Any]:
    content = "args" if answer.action is Action.edit else "result"
    said = {"values": answer.values, content: answer.content, "note": answer.feedback}
    return {name: value for name, value in said.items() if value not in (None, {})}


def _epoch(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at is not None else None
