"""Questions and answers, as OpenAPI tells them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from hitl_portal.api.schemas import QUESTION, RUN, Cursor
from workflows.types import Action

CARD = f"https://hitl.example.org/requirements/{QUESTION}/"
DIGEST = "5f2c1d8e0b7a4c934d1f0a8be7c6529d3b4e8f7a1c0d9e2b6a5f4c3d2e1b0a99"


class AnswerOut(Schema):
    """What was decided, and by whom; `timer` where nobody has."""

    action: str = Field(examples=["approve"])
    approved: bool = Field(description="It was said yes, as it was or with changes")
    feedback: str = Field(examples=["The parcel was seen."])
    values: dict[str, Any] = Field(description="What a form was filled in with", examples=[{}])
    choices: list[str] = Field(examples=[[]])
    content: Any = Field(description="What replaces the content that was reviewed")
    decided_by: str = Field(examples=["reviewer"])
    channel: str = Field(examples=["portal"])
    decided_at: datetime
    decision_id: UUID


class RequirementLine(Schema):
    """Something that a person must resolve. `held`: decided, and can still be undone, so that there is no answer
    yet."""

    requirement_id: UUID = Field(examples=[QUESTION])
    run_id: str = Field(examples=[RUN])
    workflow_id: str = Field(examples=["refund"])
    step_name: str = Field(examples=["pay"])
    path: str = Field(examples=["pay"])
    kind: str = Field(examples=["confirmation"])
    status: str = Field(description="open, held, decided or withdrawn", examples=["decided"])
    revision: int = Field(description="Grows with what is asked; a decision names it", examples=[1])
    message: str = Field(examples=["Pay 249.50 back?"])
    actions: list[str] = Field(examples=[["approve", "reject", "cancel"]])
    fields: list[dict[str, Any]] = Field(description="The form to fill in")
    choices: list[dict[str, Any]]
    allow_multiple: bool
    tool: dict[str, Any] | None
    error: dict[str, Any] | None
    policy: dict[str, Any] = Field(
        description="Who decides, and by when", examples=[{"groups": ["reviewers"]}]
    )
    priority: str = Field(examples=["normal"])
    risk: str = Field(examples=["low"])
    digest: str = Field(description="Of what is done once it is approved", examples=[DIGEST])
    requested_by: str | None = Field(examples=["requester"])
    opened_at: datetime
    due_at: datetime | None
    timeout_at: datetime | None
    on_timeout: str | None
    answer: AnswerOut | None
    url: str = Field(description="Its card", examples=[CARD])


class RequirementOut(RequirementLine):
    """One requirement with the content that a reviewer looks at."""

    content: Any = Field(description="What is reviewed")


class RequirementPage(Schema):
    """Requirements, and where the list goes on."""

    data: list[RequirementLine]
    next: Cursor


class DecideIn(Schema):
    """An answer to one revision of a requirement."""

    revision: int = Field(description="The one that was read", examples=[1])
    action: Action = Field(examples=["approve"])
    feedback: str | None = Field(None, max_length=20_000, examples=["The parcel was seen."])
    values: dict[str, Any] = Field(default={}, description="What the form is filled in with")
    choices: list[str] = Field(default=[], max_length=200)
    content: Any = Field(None, description="With `edit`: what stands in its place")
