"""What the API answers, as OpenAPI tells it. What authors' objects say of themselves stays as they say it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

RUN = "018f2f6e-5c1b-7d2a-9a41-6f0c2b7e1d53"
QUESTION = "018f2f6e-5d02-7b6c-8c1e-0a9d4e2f7b10"


class ProblemOut(Schema):
    """Problem details (RFC 9457); `errors` point at what is wrong, `decided_by` and `decided_at` at who was faster,
    `current_revision` at what is asked now."""

    type: str = Field(examples=["urn:hitl-portal:problem:stale-revision"])
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    current_revision: int | None = None


class RunOut(Schema):
    """A run: where it stands and what it waits for."""

    run_id: str
    session_id: str
    workflow_id: str
    workflow_name: str
    status: str
    is_paused: bool
    content: Any
    step_requirements: list[dict[str, Any]]
    error_requirements: list[dict[str, Any]]
    requirements: list[dict[str, Any]] = Field(description="What is asked about tools of agents and teams")
    created_at: str
    finished_at: str | None


class ContinuedOut(RunOut):
    """The run after answers were taken; `warnings` tell what of them was ignored."""

    warnings: list[str]


class RunLine(Schema):
    """A run in a list."""

    run_id: str = Field(examples=[RUN])
    session_id: str
    workflow_id: str = Field(examples=["refund"])
    workflow_name: str = Field(examples=["Refund"])
    status: str = Field(examples=["PAUSED"])
    summary: str = Field(description="Its input in one line", examples=["order_id: 7"])
    outcome: str = Field(description="Why it was cancelled, failed or stopped")
    source: str = Field(examples=["api:requester"])
    requested_by: str | None = Field(examples=["requester"])
    created_at: datetime
    finished_at: datetime | None
    url: str = Field(description="Its page")


class RunPage(Schema):
    """Runs, and where the list goes on."""

    data: list[RunLine]
    next: str | None


class WorkflowLine(Schema):
    """A workflow in a list."""

    workflow_id: str = Field(examples=["refund"])
    name: str = Field(examples=["Refund"])
    description: str
    enabled: bool = Field(description="Whether new runs may be started")
    fingerprint: str
    input_schema: dict[str, Any] | None = Field(
        description="What its input is: a JSON schema, where its author says one"
    )


class WorkflowOut(WorkflowLine):
    """A workflow with its tree of steps."""

    outline: dict[str, Any]


class WorkflowPage(Schema):
    """Workflows, and where the list goes on."""

    data: list[WorkflowLine]
    next: str | None


class EventOut(Schema):
    """One lasting fact of a run."""

    sequence: int = Field(examples=[41])
    id: UUID
    type: str = Field(examples=["RequirementDecided"])
    path: str
    requirement_id: UUID | None
    actor: str
    data: dict[str, Any]
    created_at: datetime


class EventPage(Schema):
    """Events in the order in which they happened; `last` is what to ask for the rest with, as `after`."""

    data: list[EventOut]
    last: int
    has_more: bool


class SessionOut(Schema):
    """A session: its runs that one may see, newest first, at most a hundred; and its state, for who may see all."""

    session_id: str
    workflow_id: str
    state: dict[str, Any] | None
    version: int
    created_at: datetime
    runs: list[RunLine]


class ApprovalPage(Schema):
    """Approvals, and where in all of them this page is."""

    data: list[dict[str, Any]]
    meta: dict[str, int]


class CountOut(Schema):
    """How many approvals wait."""

    count: int


class StatusOut(Schema):
    """Where an approval stands."""

    approval_id: str
    status: str
    run_id: str
    resolved_by: str | None
    resolved_at: int | None


class ResolveIn(Schema):
    """A decision. Whoever is signed in decides: `resolved_by` is ignored."""

    status: str
    resolved_by: str | None = None
    resolution_data: dict[str, Any] | None = Field(
        None, description="values (of a form), result (of an external execution), args (corrected), note"
    )


REFUSALS = dict.fromkeys((400, 401, 403, 404, 409), ProblemOut)
