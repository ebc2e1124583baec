"""Looking: everything that is asked, of workflows by the places at which they ask, of what is open by its shapes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, CharField, Count, F, IntegerField, Min, Q, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from workflows.coverage.finding import Finding, Subject
from workflows.coverage.problems import problems
from workflows.coverage.staff import Staff
from workflows.due import escalated_to
from workflows.models import Requirement, Workflow
from workflows.types import Circle, ReviewPolicy

Shape = dict[str, Any]


def findings() -> list[Finding]:
    """Everything that is wrong now: of the workflows, then of what is open. Five queries."""
    staff = Staff(timezone.now())
    return [*_of_workflows(staff), *_of_open(staff)]


def of_definitions() -> list[Finding]:
    """What is wrong with the workflows themselves, however much is open; four queries."""
    return list(_of_workflows(Staff(timezone.now())))


def _of_workflows(staff: Staff) -> Iterator[Finding]:
    for workflow in Workflow.objects.filter(enabled=True):
        try:
            general = ReviewPolicy.from_dict(workflow.policy)
        except (TypeError, ValueError) as wrong:
            yield Finding(problem="broken policy", detail=str(wrong), workflow=workflow.name)
            continue
        for path, said in _places(workflow).items():
            if "deciders" in said.pop("chosen", ()):
                continue  # who that will be is known when it is asked
            subject = Subject(policy=ReviewPolicy.from_dict(said).over(general))
            for problem, detail in problems(subject, staff):
                yield Finding(problem=problem, detail=detail, workflow=workflow.name, path=path)


def _places(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """The paths at which steps say something of their own, and "" for all that say nothing."""
    asking = list(_asking(workflow.outline))
    general: dict[str, dict[str, Any]] = (
        {"": {}} if workflow.policy or any(not said for _, said in asking) else {}
    )
    return general | {path: dict(said) for path, said in asking if said}


def _asking(node: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The places of an outline at which people are asked, with what their steps say."""
    said = node.get("policy", {})
    if node.get("asks") or said:
        yield str(node.get("path", "")), said
    for child in node.get("children", ()):
        yield from _asking(child)


def _of_open(staff: Staff) -> Iterator[Finding]:
    for shape in _shapes(staff.now):
        for problem, detail in problems(_subject(shape), staff):
            yield Finding(
                problem=problem,
                detail=detail,
                workflow=shape["workflow"],
                path=shape["path"],
                requirement_id=UUID(shape["example"]),
                count=shape["count"],
            )


def _shapes(now: datetime) -> list[Shape]:
    """What is open, by what makes a difference to who may decide it; of equals the first that ends. One query.

    Who asked for the run makes one only under four eyes.
    """
    deadline = Coalesce("timeout_at", "due_at")
    shapes = (
        Requirement.objects.open()
        .order_by()
        .annotate(
            workflow=F("run__workflow__name"),
            requester=Case(
                When(policy__four_eyes=True, then=F("run__requested_by")), output_field=IntegerField()
            ),
            admins_only=Case(
                When(details__tool__approval="required", then=Value(value=True)),
                default=Value(value=False),
                output_field=BooleanField(),
            ),
        )
        .values("workflow", "path", "policy", "steps_taken", "requester", "admins_only")
        .annotate(
            count=Count("pk"),
            example=Min(Cast("pk", CharField())),
            opened=Min("opened_at"),
            deadline=Min(deadline, filter=Q(timeout_at__gt=now) | Q(timeout_at=None, due_at__gt=now)),
            first_timeout=Min("timeout_at", filter=Q(timeout_at__gt=now)),
        )
    )
    return [dict(shape) for shape in shapes.order_by("workflow", "path", "example")]


def _subject(shape: Shape) -> Subject:
    said = ReviewPolicy.from_dict(shape["policy"])
    return Subject(
        policy=said,
        more=escalated_to(said, shape["opened"], shape["steps_taken"]) if shape["steps_taken"] else Circle(),
        admins_only=shape["admins_only"],
        requested_by=shape["requester"],
        deadline=shape["deadline"],
        timeout_at=shape["first_timeout"],
        is_open=True,
    )
