"""Requirements: what waits for people, and deciding it."""

from typing import Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from hitl_portal import access
from hitl_portal.api.auth import actor_of, person_of
from hitl_portal.api.paging import Order, Paging
from hitl_portal.api.question_schemas import DecideIn, RequirementOut, RequirementPage
from hitl_portal.api.refusing import problems
from hitl_portal.api.risk import refuse_unseen
from hitl_portal.api.schemas import ProblemOut
from hitl_portal.api.streams import OVER, awaited
from hitl_portal.api.tags import GivenMatch, refuse_another_state, tag_of_told
from hitl_portal.api.telling import ENDED, requirement_lines, requirement_whole
from hitl_portal.problems import Problem
from workflows import services
from workflows.errors import AlreadyDecided
from workflows.models import Requirement, RequirementQuerySet
from workflows.types import Answer, RequirementKind

router = Router()

__all__ = ["found_requirement", "router"]

OLDEST = Order(field="opened_at")
SAME = {
    "kind": "kind",
    "workflow": "run__workflow__name",
    "run_id": "run",
    "risk": "risk",
    "requested_by": "run__requested_by__username",
}


class WantedRequirements(Paging):
    """Which requirements."""

    status: Literal["open", "held", "decided", "withdrawn"] | None = "open"
    kind: RequirementKind | None = None
    workflow: str | None = Field(None, max_length=200)
    run_id: UUID | None = None
    risk: Literal["low", "normal", "high"] | None = None
    requested_by: str | None = Field(None, max_length=150)


class Wait(Schema):
    """How long to wait for an answer."""

    wait: int = Field(0, ge=0, le=60, description="Seconds", examples=[30])


@router.get("", response=RequirementPage, summary="List requirements")
def list_requirements(request: HttpRequest, wanted: Query[WantedRequirements]) -> dict[str, Any]:
    """What waits for people, as far as one may see it, longest waiting first; with another status, what waited."""
    rows = _visible(request)
    if wanted.status:
        rows = rows.filter(_standing(wanted.status))
    for name, field in SAME.items():
        given = getattr(wanted, name)
        rows = rows if given is None else rows.filter(**{field: given})
    found, following = OLDEST.page(rows, wanted)
    return {"data": requirement_lines(found), "next": following}


@router.get("/{requirement_id}", response=RequirementOut, summary="Get a requirement")
def get_requirement(
    request: HttpRequest, response: HttpResponse, requirement_id: UUID, wait: Query[Wait]
) -> Any:
    """One requirement, and its answer once nobody can undo it; with `wait`, as soon as there is one."""
    row = found_requirement(request, requirement_id)
    told = requirement_whole(row)
    if wait.wait and told["status"] not in OVER:
        return awaited(request, row, wait.wait)
    response["ETag"] = tag_of_told(told)
    return told


@router.post(
    "/{requirement_id}/decide",
    response={200: RequirementOut, 412: ProblemOut},
    summary="Decide a requirement",
)
def decide(request: HttpRequest, requirement_id: UUID, said: DecideIn, match: GivenMatch) -> dict[str, Any]:
    """Answer one: nothing can be undone afterwards. `revision` is the one that was read; where something else is asked
    by now it is 409 `stale-revision`. With If-Match it is 412 `changed` where anything of it has changed, a claim say.
    The same answer by the same person again is the same decision.

    What its own owner asked for a token does not decide, nor what asks for several people or four eyes. A yes to what
    has a high risk is given on its card alone: 403 `high-risk` names it in `card`.
    """
    row = found_requirement(request, requirement_id)
    if row.status == Requirement.Status.OPEN:
        refuse_another_state(match, requirement_whole(row))
    answer = _answer(said)
    refuse_unseen(row, answer)
    with problems(invalid="validation"):
        try:
            services.resolve(row.pk, revision=said.revision, answer=answer, actor=actor_of(request))
        except AlreadyDecided:
            if not _said_before(request, row, said.revision, answer):
                raise
    return requirement_whole(found_requirement(request, requirement_id))


def found_requirement(request: HttpRequest, requirement_id: UUID) -> Requirement:
    """One that the caller may see, or 404."""
    rows = _visible(request).select_related("evidence")
    found: Requirement = get_object_or_404(rows, id=requirement_id)
    return found


def _visible(request: HttpRequest) -> RequirementQuerySet:
    return access.visible_requirements(person_of(request))


def _standing(status: str) -> Q:
    held = Q(status=Requirement.Status.DECIDED, release_at__gt=timezone.now())
    return {
        "open": Q(status=Requirement.Status.OPEN),
        "held": held,
        "decided": Q(status__in=ENDED) & ~held,
        "withdrawn": Q(status=Requirement.Status.WITHDRAWN),
    }[status]


def _answer(said: DecideIn) -> Answer:
    try:
        given = said.model_dump(include={"feedback", "values", "content"})
        return Answer(action=said.action, choices=tuple(said.choices), **given)
    except ValueError as wrong:
        raise Problem("validation", str(wrong)) from None


def _said_before(request: HttpRequest, row: Requirement, revision: int, answer: Answer) -> bool:
    """Whether this person's is the decision, and this is what they have said."""
    decided = row.decisions.filter(revision=revision, closes=True, person=person_of(request).pk)
    return any(decision.answer == answer.to_dict() for decision in decided)
