"""Rows as the API tells them: runs, events, requirements."""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from hitl_portal.addresses import public
from workflows.facts import question_of
from workflows.models import Decision, Priority, Requirement, RunEvent, WorkflowRun

Told = dict[str, Any]

ENDED = (Requirement.Status.DECIDED, Requirement.Status.APPLIED)


def run_line(run: WorkflowRun) -> Told:
    """A run in a list; its workflow and its requester are fetched along."""
    return {
        "run_id": _public(run),
        "session_id": run.session_id,
        "workflow_id": run.workflow.name,
        "workflow_name": run.workflow.title,
        "status": run.status,
        "summary": run.summary,
        "outcome": run.outcome,
        "source": run.source,
        "requested_by": run.requested_by.get_username() if run.requested_by else None,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "url": public("runs:detail", run.id),
    }


def event_line(event: RunEvent) -> Told:
    """An event."""
    return {
        "sequence": event.sequence,
        "id": event.id,
        "type": event.type,
        "path": event.path,
        "requirement_id": event.requirement_id,
        "actor": event.actor,
        "data": event.data,
        "created_at": event.created_at,
    }


def requirement_lines(rows: Iterable[Requirement]) -> list[Told]:
    """Requirements with their decisions, run, workflow and requester fetched along; one more query for all."""
    rows = list(rows)
    prefetch_related_objects(rows, "decisions")
    return [_requirement(row) for row in rows]


def requirement_whole(row: Requirement) -> Told:
    """One, with the content that a reviewer looks at; two queries."""
    shown = row.evidence.plain() if row.evidence is not None else None
    content = shown.get("content") if isinstance(shown, dict) else shown
    return requirement_lines([row])[0] | {"content": content}


def _requirement(row: Requirement) -> Told:
    ask = question_of(row).ask
    return {
        "requirement_id": row.pk,
        "run_id": _public(row.run),
        "workflow_id": row.run.workflow.name,
        "step_name": row.step_name,
        "path": row.path,
        "kind": row.kind,
        "status": status_of(row),
        "revision": row.revision,
        "message": row.message,
        "actions": [str(action) for action in ask.actions],
        "fields": list(ask.fields),
        "choices": list(ask.choices),
        "allow_multiple": ask.allow_multiple,
        "tool": ask.tool,
        "error": ask.error,
        "policy": row.policy,
        "priority": Priority(row.priority).name.lower(),
        "risk": row.risk,
        "digest": row.digest,
        "requested_by": row.run.requested_by.get_username() if row.run.requested_by else None,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "timeout_at": row.timeout_at,
        "on_timeout": str(ask.on_timeout or "cancel") if row.timeout_at else None,
        "answer": _answer(row),
        "url": public("inbox:detail", row.pk),
    }


def status_of(row: Requirement) -> str:
    """Where it stands for machines: `held` while a decision can still be undone, and nothing comes of it."""
    if row.is_held(timezone.now()):
        return "held"
    return "decided" if row.status in ENDED else str(row.status)


def _answer(row: Requirement) -> Told | None:
    """What was decided, once nobody can undo it."""
    decision = row.decision if row.status in ENDED and not row.is_held() else None
    return answer_line(decision) if decision is not None else None


def answer_line(decision: Decision) -> Told:
    """An answer, and whose it is."""
    said = decision.answer
    return {
        "action": decision.action,
        "approved": decision.action in ("approve", "edit"),
        "feedback": decision.feedback,
        "values": said.get("values", {}),
        "choices": said.get("choices", []),
        "content": said.get("content"),
        "decided_by": decision.actor,
        "channel": decision.channel,
        "decided_at": decision.decided_at,
        "decision_id": decision.pk,
    }


def _public(run: WorkflowRun) -> str:
    """What a run is called by whoever asks: the name that its script gave it, else its id."""
    return run.external_id if run.source == "script" else str(run.pk)
