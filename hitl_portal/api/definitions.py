"""Workflows: what can be started here, and with what input."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from hitl_portal.api.paging import Order, Paging
from hitl_portal.api.schemas import WorkflowOut, WorkflowPage
from workflows.models import Workflow

router = Router()

BY_TITLE = Order(field="title", reads=str)


class WantedWorkflows(Paging):
    """Which workflows."""

    enabled: bool | None = None


@router.get("", response=WorkflowPage, summary="List workflows")
def list_workflows(request: HttpRequest, wanted: Query[WantedWorkflows]) -> dict[str, Any]:
    """The workflows that the portal knows, by title."""
    del request
    rows = Workflow.objects.defer("outline")
    rows = rows if wanted.enabled is None else rows.filter(enabled=wanted.enabled)
    found, following = BY_TITLE.page(rows, wanted)
    return {"data": [_line(row) for row in found], "next": following}


@router.get("/{workflow_id}", response=WorkflowOut, summary="Get a workflow")
def get_workflow(request: HttpRequest, workflow_id: str) -> dict[str, Any]:
    """One workflow: what its input is, and its tree of steps."""
    del request
    row = get_object_or_404(Workflow, name=workflow_id)
    return _line(row) | {"outline": row.outline}


def _line(row: Workflow) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("description", "enabled", "fingerprint", "input_schema")}
    return {"workflow_id": row.name, "name": row.title, **same}
