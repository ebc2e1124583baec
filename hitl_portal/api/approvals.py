"""Approvals: the records of tools whose use an admin decides, or is recorded; a view of requirements."""

from collections.abc import Mapping
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from hitl_portal import access
from hitl_portal.api.auth import actor_of, person_of
from hitl_portal.api.finding import called
from hitl_portal.api.refusing import problems
from hitl_portal.api.risk import refuse_unseen
from hitl_portal.api.schemas import (
    REFUSALS,
    ApprovalOut,
    ApprovalPage,
    CountOut,
    ProblemOut,
    ResolveIn,
    StatusOut,
)
from hitl_portal.problems import Problem
from workflows import policy, services
from workflows.agents.approval_record import answer_of
from workflows.models import Decision, Requirement, RequirementQuerySet
from workflows.report import approval_records
from workflows.types import Action, RequirementKind
from workflows.types.answer import APPROVING

router = Router()

CLOSED = (Requirement.Status.DECIDED, Requirement.Status.APPLIED)
TIMER = "timer"
PAUSES = {
    "confirmation": RequirementKind.tool_confirmation,
    "user_input": RequirementKind.tool_input,
    "external_execution": RequirementKind.external_execution,
    "user_feedback": RequirementKind.feedback,
}
EDITABLE: dict[str, tuple[Action, ...]] = {RequirementKind.tool_confirmation: (Action.approve, Action.edit)}


class Wanted(Schema):
    """Which approvals; each by equality."""

    status: str | None = Field(None, description="pending, approved, rejected, expired or cancelled")
    source_type: str | None = Field(None, description="agent, team or workflow")
    approval_type: str | None = Field(None, description="required or audit")
    pause_type: str | None = None
    agent_id: str | None = None
    team_id: str | None = None
    workflow_id: str | None = None
    user_id: str | None = Field(None, description="The name of whoever asked for the run")
    schedule_id: str | None = None
    run_id: str | None = None
    limit: int = Field(100, ge=1, le=100)
    page: int = Field(1, ge=1)


@router.get("", summary="List approvals", response={200: ApprovalPage, 401: ProblemOut, 422: ProblemOut})
def list_approvals(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """The approvals that one may see, newest first."""
    found = _named(_visible(request), wanted.dict()).order_by("-opened_at", "-id")
    count, start = found.count(), (wanted.page - 1) * wanted.limit
    meta = {"page": wanted.page, "limit": wanted.limit, "total_count": count}
    meta["total_pages"] = ceil(count / wanted.limit)
    return {"data": approval_records(found[start : start + wanted.limit]), "meta": meta}


@router.get("/count", summary="Count approvals", response={200: CountOut, 401: ProblemOut})
def count_approvals(request: HttpRequest, user_id: str | None = None) -> dict[str, int]:
    """How many of them wait for an admin."""
    waiting = _named(_visible(request), {"status": "pending", "user_id": user_id})
    return {"count": waiting.count()}


@router.get(
    "/{approval_id}",
    summary="Get an approval",
    response={200: ApprovalOut, 401: ProblemOut, 404: ProblemOut},
)
def get_approval(request: HttpRequest, approval_id: UUID) -> dict[str, Any]:
    """One approval."""
    return _record(_approval(request, approval_id))


@router.get(
    "/{approval_id}/status",
    summary="Get where an approval stands",
    response={200: StatusOut, 401: ProblemOut, 404: ProblemOut},
)
def get_status(request: HttpRequest, approval_id: UUID) -> dict[str, Any]:
    """Where one approval stands, for whoever waits for it."""
    record = _record(_approval(request, approval_id))
    same = {name: record[name] for name in ("status", "run_id", "resolved_by", "resolved_at")}
    return {"approval_id": record["id"]} | same


@router.post(
    "/{approval_id}/resolve",
    summary="Decide an approval",
    response={200: ApprovalOut, **REFUSALS, 422: ProblemOut},
)
def resolve_approval(request: HttpRequest, approval_id: UUID, said: ResolveIn) -> dict[str, Any]:
    """Decide one approval: `approved` or `rejected`. Whoever is signed in decides."""
    row = _approval(request, approval_id)
    if policy.admins_only(row) and not policy.is_admin(person_of(request)):
        raise Problem("admin-approval", "An admin decides this")
    data = said.resolution_data or {}
    try:
        answer = answer_of(said.status, data, EDITABLE.get(row.kind, (Action.approve,)))
    except ValueError as wrong:
        raise Problem(
            "validation", str(wrong), errors=[{"detail": str(wrong), "pointer": "/status"}]
        ) from None
    record = _record(row)
    if record["status"] != "pending":
        _refuse_resolved(record)
    refuse_unseen(row, answer)
    with problems(invalid="validation"), transaction.atomic():
        services.resolve(row.id, revision=row.revision, answer=answer, actor=actor_of(request))
    return _record(_approval(request, approval_id))


def _refuse_resolved(record: dict[str, Any]) -> None:
    said = f"Approval is already '{record['status']}' and cannot be resolved"
    raise Problem("already-decided", said, decided_by=record["resolved_by"], decided_at=record["resolved_at"])


def _record(row: Requirement) -> dict[str, Any]:
    return approval_records([row])[0]


def _approval(request: HttpRequest, approval_id: UUID) -> Requirement:
    """One that the caller may see, or 404."""
    return get_object_or_404(_visible(request), id=approval_id)


def _visible(request: HttpRequest) -> RequirementQuerySet:
    """What is, or was, asked about tools of which approvals are kept; of an audit, once it is decided."""
    seen = access.visible_requirements(person_of(request))
    required = Q(details__tool__approval="required")
    return seen.filter(required | Q(details__tool__approval="audit", status__in=CLOSED))


def _named(rows: RequirementQuerySet, wanted: Mapping[str, Any]) -> RequirementQuerySet:
    given = {name: value for name, value in wanted.items() if value is not None}
    if "schedule_id" in given:
        return rows.none()
    executor = KeyTextTransform("executor", KeyTextTransform("tool", "details"))
    kind, number = KeyTextTransform("type", executor), KeyTextTransform("id", executor)
    dash, workflow = Value("-", output_field=TextField()), Value("workflow", output_field=TextField())
    alone = Concat(kind, dash, number, output_field=TextField())
    source = Case(When(run__workflow__name=F("alone"), then=kind), default=workflow)
    rows = rows.annotate(alone=alone).annotate(source=source)
    conditions = {
        "status": _standing(given.get("status", "")),
        "source_type": Q(source=given.get("source_type", "")),
        "approval_type": Q(details__tool__approval=given.get("approval_type", "")),
        "pause_type": Q(kind=PAUSES.get(given.get("pause_type", ""), "")),
        "agent_id": _of_agent(given.get("agent_id", "")),
        "team_id": Q(
            details__tool__executor__id=given.get("team_id", ""), details__tool__executor__type="team"
        ),
        "workflow_id": Q(run__workflow__name=given.get("workflow_id", ""), source="workflow"),
        "user_id": Q(run__requested_by__username=given.get("user_id", "")),
        "run_id": called(given.get("run_id", ""), of="run__"),
    }
    for name, condition in conditions.items():
        rows = rows.filter(condition) if name in given else rows
    return rows


def _standing(status: str) -> Q:
    """The condition for a status, as `approval_record.status_of` has it."""
    held = Q(status=Requirement.Status.DECIDED, release_at__gt=timezone.now())
    closing = Decision.objects.filter(requirement=OuterRef("pk"), revision=OuterRef("revision"), closes=True)
    settled = Q(status__in=CLOSED) & ~held
    said_yes, by_timer = (
        Q(Exists(closing.filter(action__in=APPROVING))),
        Q(Exists(closing.filter(channel=TIMER))),
    )
    conditions = {
        "pending": Q(status=Requirement.Status.OPEN) | held,
        "approved": settled & said_yes,
        "expired": settled & ~said_yes & by_timer,
        "rejected": settled & ~said_yes & ~by_timer,
        "cancelled": Q(status=Requirement.Status.WITHDRAWN),
    }
    return conditions.get(status, Q(pk=None))


def _of_agent(agent_id: str) -> Q:
    alone = Q(details__tool__executor__id=agent_id, details__tool__executor__type="agent")
    return alone | Q(details__tool__member__id=agent_id)
