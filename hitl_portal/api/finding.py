"""Finding a run by what its caller calls it."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from hitl_portal import access
from hitl_portal.api.auth import person_of
from workflows.models import WorkflowRun


def found_run(request: HttpRequest, run_id: str) -> WorkflowRun:
    """A run that the caller may see, its workflow, requester and output fetched along, or 404."""
    visible = access.visible_runs(person_of(request)).select_related("output")
    found: WorkflowRun = get_object_or_404(visible, called(run_id))
    return found


def called(run_id: str, of: str = "") -> Q:
    """The condition for a run with this id, or to which a script gave it as a name; `of` is a prefix of its fields."""
    by_script = Q(**{f"{of}source": "script", f"{of}external_id": run_id})
    try:
        return by_script | Q(**{f"{of}id": UUID(run_id)})
    except ValueError:
        return by_script
