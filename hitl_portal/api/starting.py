"""Starting runs, and ending, retrying and forking them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import Field

from hitl_portal.addresses import public
from hitl_portal.api.auth import TO_START, actor_of, caller_of
from hitl_portal.api.finding import found_run
from hitl_portal.api.keys import GivenKey, refuse_another, source_of
from hitl_portal.api.refusing import run_problems
from hitl_portal.api.run_lists import router
from hitl_portal.api.schemas import RunLine
from hitl_portal.api.telling import run_line
from workflows import services
from workflows.forking import SAME
from workflows.models import Priority, Workflow, WorkflowRun

__all__ = ["router", "start_run"]


class StartIn(Schema):
    """What to start, with which input."""

    workflow: str = Field(max_length=200, examples=["refund"])
    input: Any = Field(None, examples=[{"order_id": 7, "amount": 249.5, "reason": "It came broken."}])
    session_id: str | None = Field(
        None, min_length=1, max_length=200, description="Runs of one workflow that share a state"
    )
    priority: str | None = Field(None, pattern="^(low|normal|high|urgent)$")
    queue_key: str = Field("", max_length=200, description="What it shares with other runs")


class ForkIn(Schema):
    """Where to fork, and what the step is given there."""

    path: str = Field(max_length=1000, examples=["pay"])
    input: Any = Field(None, description="What the step gets; without it, what it got")


@router.post("/runs", response={202: RunLine}, summary="Start a run", auth=TO_START, tags=["runs"])
def start_run(request: HttpRequest, response: HttpResponse, said: StartIn, given: GivenKey) -> Any:
    """Put a run into the queue. With the same Idempotency-Key it is the same run, however often it is sent."""
    caller = caller_of(request)
    priority = Priority[said.priority.upper()] if said.priority else None
    with run_problems():
        inputs = services.kept_input(said.input)
        run = services.start_run(
            said.workflow,
            said.input,
            actor=caller.actor,
            source=source_of(caller),
            external_id=given.key,
            session_id=said.session_id,
            queueing=services.Queueing(priority=priority, key=said.queue_key),
        )
    if given.key:
        wanted: dict[str, Any] = {"session_id": said.session_id} if said.session_id else {}
        wanted |= {"workflow": Workflow.objects.get(name=said.workflow), "queue_key": said.queue_key}
        refuse_another(run, caller, inputs, wanted)
    return _accepted(request, response, run)


@router.post(
    "/runs/{run_id}/cancel", response={202: RunLine}, summary="Cancel a run", auth=TO_START, tags=["runs"]
)
def cancel_run(request: HttpRequest, response: HttpResponse, run_id: str) -> Any:
    """End a run: at its next step boundary, where it is being driven. Admins may, and who asked for it."""
    run = found_run(request, run_id)
    with run_problems():
        services.cancel_run(run.pk, actor=actor_of(request))
    return _accepted(request, response, run)


@router.post(
    "/runs/{run_id}/retry", response={202: RunLine}, summary="Retry a run", auth=TO_START, tags=["runs"]
)
def retry_run(request: HttpRequest, response: HttpResponse, run_id: str) -> Any:
    """Go on with a new run from what failed, or was cancelled; a second time it is that same new run. Admins may."""
    run = found_run(request, run_id)
    with run_problems():
        new = services.retry_run(run.pk, actor=actor_of(request))
    return _accepted(request, response, new)


@router.post(
    "/runs/{run_id}/fork", response={202: RunLine}, summary="Fork a run", auth=TO_START, tags=["runs"]
)
def fork_run(request: HttpRequest, response: HttpResponse, run_id: str, said: ForkIn, given: GivenKey) -> Any:
    """Go on with a new run from before a step, which may get something else. Admins may."""
    run, instead = found_run(request, run_id), said.input if "input" in said.model_fields_set else SAME
    with run_problems():
        new = services.fork_run(
            run.pk, said.path, actor=actor_of(request), given=instead, key=given.key or ""
        )
    return _accepted(request, response, new)


def _accepted(request: HttpRequest, response: HttpResponse, run: WorkflowRun) -> Status[dict[str, Any]]:
    told = run_line(found_run(request, str(run.pk)))
    response["Location"] = public("api:get_run", run.pk)
    return Status(202, told)
