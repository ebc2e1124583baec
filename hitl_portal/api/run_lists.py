"""Runs in lists, and the sessions that they share."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from hitl_portal import access
from hitl_portal.api.auth import person_of
from hitl_portal.api.paging import Order, Paging
from hitl_portal.api.schemas import RunPage, SessionOut
from hitl_portal.api.telling import run_line
from workflows.models import RunQuerySet, Session, WorkflowRun
from workflows.types import RunStatus

router = Router()

NEWEST = Order(field="created_at", newest_first=True)
SAME = {
    "status": "status",
    "workflow": "workflow__name",
    "session": "session",
    "source": "source",
    "requested_by": "requested_by__username",
    "created_after": "created_at__gte",
    "created_before": "created_at__lt",
}


class WantedRuns(Paging):
    """Which runs."""

    status: RunStatus | None = None
    workflow: str | None = Field(None, max_length=200)
    session: str | None = Field(None, max_length=200)
    source: str | None = Field(None, max_length=200, examples=["api:requester"])
    requested_by: str | None = Field(None, max_length=150)
    created_after: AwareDatetime | None = None
    created_before: AwareDatetime | None = None


@router.get("/runs", response=RunPage, tags=["runs"], summary="List runs")
def list_runs(request: HttpRequest, wanted: Query[WantedRuns]) -> dict[str, Any]:
    """The runs that one may see, newest first."""
    runs = access.visible_runs(person_of(request))
    for name, field in SAME.items():
        given: str | datetime | None = getattr(wanted, name)
        runs = runs if given is None else runs.filter(**{field: given})
    found, following = NEWEST.page(runs, wanted)
    return {"data": [run_line(run) for run in found], "next": following}


@router.get("/sessions/{session_id}", response=SessionOut, tags=["sessions"], summary="Get a session")
def get_session(request: HttpRequest, session_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """What several runs share, and a page of those runs, newest first."""
    session = get_object_or_404(Session.objects.select_related("workflow"), id=session_id)
    every = WorkflowRun.objects.filter(session=session)
    visible: RunQuerySet = access.visible_runs(person_of(request)).filter(session=session)
    if not visible.exists():
        raise Http404
    found, following = NEWEST.page(visible, paging)
    sees_all = not every.exclude(id__in=visible.values("id")).exists()
    return {
        "session_id": session.id,
        "workflow_id": session.workflow.name,
        "state": session.state if sees_all else None,
        "version": session.version,
        "created_at": session.created_at,
        "runs": [run_line(run) for run in found],
        "next": following,
    }
