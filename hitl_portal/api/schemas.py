"""What the API answers, as OpenAPI tells it. What authors' objects say of themselves stays as they say it."""

from typing import Any

from ninja import Schema
from pydantic import Field


class ProblemOut(Schema):
    """Problem details (RFC 9457); `errors` point at what is wrong, `decided_by` and `decided_at` at who was faster."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None
    decided_by: str | None = None
    decided_at: str | None = None


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
