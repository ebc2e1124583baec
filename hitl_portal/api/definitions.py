"""Workflows: what can be started here, and with what input."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from hitl_portal.api.schemas import WorkflowOut, WorkflowPage
from workflows.models import Workflow

router = Router()


@router.get("", response=WorkflowPage, summary="List workflows")
def list_workflows(request: HttpRequest, enabled: bool | None = None) -> dict[str, Any]:
    """All workflows that the portal knows, by title."""
    del request
    rows = Workflow.objects.defer("outline", "input_schema")
    rows = rows if enabled is None else rows.filter(enabled=enabled)
    return {"data": [_line(row) for row in rows]}


@router.get("/{workflow_id}", response=WorkflowOut, summary="Get a workflow")
def get_workflow(request: HttpRequest, workflow_id: str) -> dict[str, Any]:
    """One workflow: what its input is, and its tree of steps."""
    del request
    row = get_object_or_404(Workflow, name=workflow_id)
    return _line(row) | {"input_schema": row.input_schema, "outline": row.outline}


def _line(row: Workflow) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("description", "enabled", "fingerprint")}
    return {"workflow_id": row.name, "name": row.title, **same}
