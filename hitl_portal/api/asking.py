"""Asking a human from anywhere: a question of any program's in the inbox, with the policies of any other."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import Field

from hitl_portal.addresses import public
from hitl_portal.api.auth import TO_START, actor_of, caller_of, person_of
from hitl_portal.api.keys import GivenKey, refuse_another, source_of
from hitl_portal.api.question_schemas import RequirementOut
from hitl_portal.api.refusing import run_problems
from hitl_portal.api.requirements import found_requirement, router
from hitl_portal.api.telling import requirement_whole
from hitl_portal.client import Kind
from hitl_portal.problems import Problem
from workflows import asking, services
from workflows.models import Requirement
from workflows.questions import LONGEST_TITLE, NAME, InvalidQuestion, Question
from workflows.types import OnTimeout

__all__ = ["ask", "router"]

SOURCE = "ask:"
LONGEST = 20_000
LONGEST_TIMEOUT = 366 * 24 * 60 * 60


class ChoiceIn(Schema):
    """One way that can be chosen."""

    name: str = Field(min_length=1, max_length=200, examples=["by air"])
    description: str = Field("", max_length=2000)


class PolicyIn(Schema, extra="forbid"):
    """Who decides, and by when; what is not said here the policy of the workflow `asked-from-outside` says."""

    deciders: Any = Field(None, description="A group, several, or {groups, users}", examples=["reviewers"])
    viewers: Any = Field(None, description="Who may see it besides them")
    quorum: int | str | None = Field(None, description='How many people, or "each group"')
    rejections: int | None = None
    four_eyes: bool | None = Field(None, description="Whoever asks does not decide")
    exclusive: bool | None = None
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    risk: Literal["low", "normal", "high"] | None = None
    hold: float | None = Field(None, ge=0, le=86_400)
    due: float | None = Field(None, ge=0, le=LONGEST_TIMEOUT)
    remind_after: list[float] | None = None
    escalate: list[dict[str, Any]] | None = None
    business_hours: dict[str, Any] | None = None


class ToolIn(Schema, extra="forbid"):
    """A tool that a program wants to use, or has other people use."""

    name: str = Field(min_length=1, max_length=200, examples=["pay"])
    args: dict[str, Any] = Field(default={}, max_length=100, examples=[{"amount": 7}])
    description: str = Field("", max_length=LONGEST)
    fields: list[dict[str, Any]] | None = Field(
        None,
        max_length=100,
        description="The form; for a tool_confirmation what can be changed: all, where not said",
    )
    who: str = Field("", max_length=200, description="The agent that wants to use it", examples=["clerk"])
    team: str = Field("", max_length=200)


class ErrorIn(Schema, extra="forbid"):
    """What has failed: people say whether it is tried again."""

    type: str = Field("", max_length=200, examples=["TimeoutError"])
    message: str = Field(min_length=1, max_length=LONGEST, examples=["No answer within 10 s"])


class AskIn(Schema, extra="forbid"):
    """A question. A user_input has `fields`, a route `choices`, an output_review `content`; a tool_confirmation (whose
    arguments can be changed), tool_input or external_execution has a `tool`, an error an `error`. Any may have
    `content` to look at."""

    kind: Kind = Field(examples=["confirmation"])
    message: str = Field(min_length=1, max_length=LONGEST, examples=["Pay 249.50 back for order 7?"])
    title: str = Field("", max_length=LONGEST_TITLE, examples=["Refund"])
    fields: list[dict[str, Any]] = Field(default=[], max_length=100)
    choices: list[ChoiceIn] = Field(default=[], max_length=100)
    allow_multiple: bool = False
    content: Any = None
    tool: ToolIn | None = None
    error: ErrorIn | None = None
    timeout: int | None = Field(None, ge=1, le=LONGEST_TIMEOUT, description="Seconds", examples=[86_400])
    on_timeout: OnTimeout | None = Field(None, description="What silence means; cancel, where it is not said")
    policy: PolicyIn | None = None


@router.post(
    "", response={201: RequirementOut, 200: RequirementOut}, auth=TO_START, summary="Ask people something"
)
def ask(request: HttpRequest, response: HttpResponse, said: AskIn, given: GivenKey) -> Any:
    """Put a question into the inbox. The answer is got with `wait`, by the stream, or by looking again.

    201: it is asked now. With an Idempotency-Key that was sent before it is that question, as it stands: 200.
    """
    caller, question = caller_of(request), _question(said)
    with run_problems():
        source = source_of(caller, SOURCE)
        run, is_new = asking.ask(question, actor=caller.actor, source=source, external_id=given.key)
    if not is_new:
        refuse_another(run, caller, services.kept_input(question.to_dict()), {})
    row = Requirement.objects.filter(run=run).first()
    if row is None:  # whoever asked it first is about to open it, or has died: then a worker does
        raise Problem("unavailable", "It is being asked just now", {"Retry-After": "1"})
    response["Location"] = public("api:get_requirement", row.pk)
    return Status(201 if is_new else 200, requirement_whole(found_requirement(request, row.pk)))


@router.post(
    "/{requirement_id}/withdraw",
    response=RequirementOut,
    auth=TO_START,
    summary="Withdraw what one has asked",
)
def withdraw(request: HttpRequest, requirement_id: UUID) -> dict[str, Any]:
    """Take back a question that one has asked from outside: nobody needs to answer it any more. Once more is no harm;
    what is decided already is 409 `already-decided`."""
    row = found_requirement(request, requirement_id)
    if row.run.workflow.name != NAME or row.run.requested_by_id != person_of(request).pk:
        raise Problem("not-eligible", "Only what oneself has asked from outside can be withdrawn")
    if row.status not in (Requirement.Status.OPEN, Requirement.Status.WITHDRAWN):
        raise Problem("already-decided", "It is decided: there is nothing to take back")
    if row.status == Requirement.Status.OPEN:
        with run_problems():
            services.cancel_run(row.run_id, actor=actor_of(request))
    return requirement_whole(found_requirement(request, requirement_id))


def _question(said: AskIn) -> Question:
    try:
        return Question(**said.model_dump(mode="json", exclude={"policy"}), policy=_policy(said))
    except InvalidQuestion as wrong:
        errors = [{"detail": str(wrong), "pointer": f"/{wrong.part}"}]
        raise Problem("validation", str(wrong), errors=errors) from None


def _policy(said: AskIn) -> dict[str, Any]:
    return said.policy.model_dump(mode="json", exclude_none=True) if said.policy else {}
