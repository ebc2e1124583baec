"""What endpoints are told of an event: its type, when, and names, ids and links. Never contents: who follows a link
sees what they may see.

A decision is told when nobody can undo it any more: of one that is held, DecisionReleased tells; of one that was
undone, nothing does.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hitl_portal.addresses import public
from hitl_portal.outbound.models import PING, Endpoint, EventType
from workflows.models import Requirement, RunEvent, WorkflowRun

MOST_BYTES = 20_000
DECIDED, RELEASED = "RequirementDecided", "DecisionReleased"
OF_RUNS = {
    "WorkflowStarted": EventType.RUN_STARTED,
    "WorkflowPaused": EventType.RUN_PAUSED,
    "WorkflowCompleted": EventType.RUN_COMPLETED,
    "WorkflowError": EventType.RUN_FAILED,
    "WorkflowCancelled": EventType.RUN_CANCELLED,
}
# The engine's words for opening a requirement, by its kind; then ours for one that is open again for good reason.
OPENING = (
    *("StepPaused", "StepOutputReview", "StepError", "RouterPaused", "ToolCallPaused"),
    "RequirementReopened",
)
TELLING = frozenset({*OF_RUNS, *OPENING, DECIDED, RELEASED})

Decisions = Mapping[tuple[UUID, int], RunEvent]


def type_of(event: RunEvent) -> EventType | None:
    """What it is called outside; None for what nobody outside is told."""
    if event.type in OF_RUNS:
        return OF_RUNS[event.type]
    if event.requirement_id is None:
        return None
    if event.type in OPENING:
        return EventType.OPENED
    if event.type == DECIDED and "release_at" not in event.data:
        return EventType.EXPIRED if event.data.get("channel") == "timer" else EventType.DECIDED
    return EventType.DECIDED if event.type == RELEASED else None


def decisions_behind(events: Iterable[RunEvent]) -> Decisions:
    """Of releases, which only name a revision, the decisions that were released. A query, where there are any."""
    released = {event.requirement_id for event in events if event.type == RELEASED}
    if not released:
        return {}
    made = RunEvent.objects.filter(requirement__in=released, type=DECIDED)
    return {(event.requirement_id, event.data["revision"]): event for event in made if event.requirement_id}


def body_of(event: RunEvent, type: EventType, decisions: Decisions) -> str:
    """The message, its run, workflow and requirement fetched along."""
    data: dict[str, Any] = {"run": _run(event.run)}
    if event.requirement is not None and type not in OF_RUNS.values():
        data["requirement"] = _requirement(event.requirement)
        if type is not EventType.OPENED:
            key = event.requirement.pk, event.data.get("revision", 0)
            data["decision"] = _decision(decisions.get(key, event))
    return _written(type, event.created_at, data)


def ping_of(endpoint: Endpoint, at: datetime) -> str:
    """The message of the test button."""
    told = {"name": endpoint.name, "url": public("outbound:endpoint", endpoint.pk)}
    return _written(PING, at, {"endpoint": told})


def _run(run: WorkflowRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "url": public("runs:detail", run.pk),
        "workflow": {"name": run.workflow.name, "title": run.workflow.title},
    }


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        "id": str(requirement.pk),
        "url": public("inbox:detail", requirement.pk),
        "kind": requirement.kind,
        "step": requirement.step_name,
        "path": requirement.path,
    }


def _decision(event: RunEvent) -> dict[str, Any]:
    names = ("decision", "action", "revision", "channel", "decided_at", "on_behalf_of")
    told = {name: event.data[name] for name in names if name in event.data}
    return {"id": told.pop("decision", None), "by": event.actor} | told


def _written(type: str, at: datetime, data: dict[str, Any]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = json.dumps({"type": str(type), "timestamp": moment, "data": data}, ensure_ascii=False)
    # Names and paths are limited by their columns.
    assert len(text.encode()) < MOST_BYTES, type
    return text
