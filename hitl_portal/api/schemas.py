"""What the API answers, as OpenAPI tells it. What authors' objects say of themselves stays as they say it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

RUN = "018f2f6e-5c1b-7d2a-9a41-6f0c2b7e1d53"
QUESTION = "018f2f6e-5d02-7b6c-8c1e-0a9d4e2f7b10"
SESSION = "018f2f6e-5c1b-7d2a-9a41-5c88f1d0a6e2"
FINGERPRINT = "5f2c1d8e0b7a4c93"
MOMENT = "2026-11-21T09:30:00Z"
PAGE_OF_RUN = f"https://hitl.example.org/runs/{RUN}/"
ASKED = {"id": QUESTION, "step_name": "pay", "confirmation_message": "Pay 249.50 back?", "revision": 1}
APPROVAL = {
    "id": QUESTION,
    "run_id": RUN,
    "status": "pending",
    "approval_type": "required",
    "pause_type": "confirmation",
    "tool_name": "pay_back",
    "tool_args": {"order_id": 7, "amount": 249.5},
    "user_id": "requester",
    "resolved_by": None,
    "resolved_at": None,
    "created_at": 1795253400,
}
NEXT = "MDE4ZjJmNmUtNWMxYi03ZDJhLTlhNDEgMjAyNi0xMS0yMQ"

Cursor = Annotated[str | None, Field(description="The `cursor` of the next page", examples=[NEXT])]
ApprovalOut = Annotated[dict[str, Any], Field(examples=[APPROVAL])]


class ProblemOut(Schema):
    """Problem details (RFC 9457); `errors` point at what is wrong, `decided_by` and `decided_at` at who was faster,
    `current_revision` at what is asked now."""

    type: str = Field(examples=["urn:hitl-portal:problem:stale-revision"])
    title: str = Field(examples=["What is asked about has changed"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Something else is asked by now"])
    errors: list[dict[str, Any]] | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    current_revision: int | None = None


class RunOut(Schema):
    """A run: where it stands and what it waits for."""

    run_id: str = Field(examples=[RUN])
    session_id: str = Field(examples=[SESSION])
    workflow_id: str = Field(examples=["refund"])
    workflow_name: str = Field(examples=["Refund"])
    status: str = Field(examples=["PAUSED"])
    is_paused: bool = Field(examples=[True])
    content: Any
    step_requirements: list[dict[str, Any]] = Field(examples=[[ASKED]])
    error_requirements: list[dict[str, Any]]
    requirements: list[dict[str, Any]] = Field(description="What is asked about tools of agents and teams")
    created_at: str = Field(examples=[MOMENT])
    finished_at: str | None


class ContinuedOut(RunOut):
    """The run after answers were taken; `warnings` tell what of them was ignored."""

    warnings: list[str]


class RunLine(Schema):
    """A run in a list."""

    run_id: str = Field(examples=[RUN])
    session_id: str = Field(examples=[SESSION])
    workflow_id: str = Field(examples=["refund"])
    workflow_name: str = Field(examples=["Refund"])
    status: str = Field(examples=["PAUSED"])
    summary: str = Field(description="Its input in one line", examples=["order_id: 7"])
    outcome: str = Field(description="Why it was cancelled, failed or stopped")
    source: str = Field(examples=["api:requester"])
    requested_by: str | None = Field(examples=["requester"])
    created_at: datetime
    finished_at: datetime | None
    url: str = Field(description="Its page", examples=[PAGE_OF_RUN])


class RunPage(Schema):
    """Runs, and where the list goes on."""

    data: list[RunLine]
    next: Cursor


class WorkflowLine(Schema):
    """A workflow in a list."""

    workflow_id: str = Field(examples=["refund"])
    name: str = Field(examples=["Refund"])
    description: str = Field(examples=["Pays money back, once somebody has looked at it."])
    enabled: bool = Field(description="Whether new runs may be started", examples=[True])
    fingerprint: str = Field(examples=[FINGERPRINT])
    input_schema: dict[str, Any] | None = Field(
        description="What its input is: a JSON schema, where its author says one",
        examples=[{"type": "object", "properties": {"order_id": {"type": "integer"}}}],
    )


class WorkflowOut(WorkflowLine):
    """A workflow with its tree of steps."""

    outline: dict[str, Any] = Field(examples=[{"name": "refund", "kind": "Workflow", "children": []}])


class WorkflowPage(Schema):
    """Workflows, and where the list goes on."""

    data: list[WorkflowLine]
    next: Cursor


class EventOut(Schema):
    """One lasting fact of a run."""

    sequence: int = Field(examples=[41])
    id: UUID
    type: str = Field(examples=["RequirementDecided"])
    path: str = Field(examples=["pay"])
    requirement_id: UUID | None = Field(examples=[QUESTION])
    actor: str = Field(examples=["reviewer"])
    data: dict[str, Any] = Field(examples=[{"action": "approve"}])
    created_at: datetime


class EventPage(Schema):
    """Events in the order in which they happened; `last` is what to ask for the rest with, as `after`."""

    data: list[EventOut]
    last: int = Field(examples=[41])
    has_more: bool


class SessionOut(Schema):
    """A session: its runs that one may see, newest first, a page of them; and its state, for who may see all."""

    session_id: str = Field(examples=[SESSION])
    workflow_id: str = Field(examples=["refund"])
    state: dict[str, Any] | None = Field(examples=[{"refunds": 3}])
    version: int = Field(examples=[4])
    created_at: datetime
    runs: list[RunLine]
    next: Cursor


class ApprovalPage(Schema):
    """Approvals, and where in all of them this page is."""

    data: list[ApprovalOut]
    meta: dict[str, int] = Field(examples=[{"page": 1, "limit": 100, "total_count": 1, "total_pages": 1}])


class CountOut(Schema):
    """How many approvals wait."""

    count: int = Field(examples=[3])


class StatusOut(Schema):
    """Where an approval stands."""

    approval_id: str = Field(examples=[QUESTION])
    status: str = Field(examples=["approved"])
    run_id: str = Field(examples=[RUN])
    resolved_by: str | None = Field(examples=["admin"])
    resolved_at: int | None = Field(examples=[1795253400])


class ResolveIn(Schema):
    """A decision. Whoever is signed in decides: `resolved_by` is ignored."""

    status: str = Field(examples=["approved"])
    resolved_by: str | None = None
    resolution_data: dict[str, Any] | None = Field(
        None,
        description="values (of a form), result (of an external execution), args (corrected), note",
        examples=[{"note": "The parcel was seen."}],
    )


REFUSALS = dict.fromkeys((400, 401, 403, 404, 409), ProblemOut)
