"""Runs: one as it stands, and going on with one that waits for people."""

import json
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from hitl_portal import strict_json
from hitl_portal.api.auth import actor_of, person_of
from hitl_portal.api.finding import found_run
from hitl_portal.api.parsing import read_object
from hitl_portal.api.refusing import problems
from hitl_portal.api.risk import refuse_unseen_among
from hitl_portal.api.schemas import ASKED, REFUSALS, ContinuedOut, RunOut
from hitl_portal.problems import Problem
from workflows import continuing, policy
from workflows.models import Requirement, WorkflowRun
from workflows.report import run_report
from workflows.supplied import Answers, read_answers

router = Router()

LISTS = ("step_requirements", "error_requirements", "requirements", "tools")
LIST = {"type": "array", "items": {"type": "object"}}
LISTS_OF = {"type": "object", "properties": dict.fromkeys(LISTS, LIST)}
CONFIRMED = ASKED | {"confirmed": True}
BODY = {
    "requestBody": {
        "description": "Lists as the run told them, with the answers filled in; in a form, each as JSON text.",
        "content": {
            "application/json": {"schema": LISTS_OF, "example": {"step_requirements": [CONFIRMED]}},
            "application/x-www-form-urlencoded": {
                "schema": LISTS_OF,
                "example": {"step_requirements": json.dumps([CONFIRMED])},
            },
        },
    }
}


@router.get("/runs/{run_id}", summary="Get a run", response={200: RunOut, **REFUSALS})
def get_run(request: HttpRequest, run_id: str) -> dict[str, Any]:
    """A run as it stands, with everything that it waits for."""
    return run_report(found_run(request, run_id))


@router.post(
    "/runs/{run_id}/continue",
    summary="Answer what a run waits for",
    response={202: ContinuedOut, **REFUSALS},
    openapi_extra=BODY,
)
def continue_run(request: HttpRequest, run_id: str) -> Status[dict[str, Any]]:
    """Answer what a paused run of a workflow, an agent or a team waits for: all that is sent, or nothing of it.

    Each answer is decided by whoever is signed in. Only answers count: policies in them are ignored, with a warning.
    """
    run = found_run(request, run_id)
    with problems():
        answers = read_answers(run, _sent(request))
        _refuse_without_admin(request, run, answers)
        refuse_unseen_among(answers.new)
        continuing.continue_run(run, answers, actor_of(request))
    warnings = [*answers.warnings, *continuing.too_late(answers)]
    return Status(202, run_report(found_run(request, run_id)) | {"warnings": warnings})


def _sent(request: HttpRequest) -> dict[str, list[Any]]:
    """The lists of a JSON body, or of a form whose fields are JSON."""
    if request.content_type == "application/json":
        body = read_object(request)
        sent = {name: body[name] for name in LISTS if body.get(name) is not None}
    else:
        sent = {name: _json(request.POST[name], f"{name} field") for name in LISTS if request.POST.get(name)}
    for name, each in sent.items():
        if not isinstance(each, list):
            raise Problem("malformed", f"{name} must be a list")
    return sent


def _json(text: str, where: str) -> Any:
    try:
        return strict_json.read(text)
    except (ValueError, RecursionError):
        raise Problem("malformed", f"Invalid JSON in {where}") from None


def _refuse_without_admin(request: HttpRequest, run: WorkflowRun, answers: Answers) -> None:
    """What only an admin decides is not gone around; who has other questions to answer may do that."""
    if policy.is_admin(person_of(request)):
        return
    waiting = run.requirements.filter(status=Requirement.Status.OPEN)
    for_admins = {row.pk for row in waiting if policy.admins_only(row)}
    answered = {supplied.requirement.pk for supplied in answers.new}
    if for_admins and (not answered or answered & for_admins):
        raise Problem("admin-approval", "This run requires admin approval before it can be continued")
