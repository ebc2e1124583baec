"""Reminding: what is due for requirements that nobody decides is done, each thing exactly once.

What is due when, `workflows.due` knows; how many of these steps were taken is a column, changed by compare-and-set.
Who is told, and how, follows from the event.
"""

from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import grants
from workflows.acting import ENGINE, append_event, locked
from workflows.due import DueStep, next_step, remaining
from workflows.models import Grant, Requirement

EVENTS = {
    "reminder": "RequirementReminded",
    "due": "RequirementOverdue",
    "escalation": "RequirementEscalated",
}
BATCH = 500


def sweep_due(
    now: datetime | None = None, *, run_id: UUID | None = None, using: str = DEFAULT_DB_ALIAS
) -> int:
    """Do what is due for open requirements (of one run, where one is given); how many things were done.

    May be called at any time, by several processes at once, and late: what was missed is done then, in order.
    """
    now = now or timezone.now()
    due = Requirement.objects.using(using).due_steps(now)
    if run_id is not None:
        due = due.filter(run=run_id)
    return sum(
        _take_all(requirement_id, now, using) for requirement_id in due.values_list("id", flat=True)[:BATCH]
    )


def _take_all(requirement_id: UUID, now: datetime, using: str) -> int:
    with transaction.atomic(using=using):
        requirement = locked(requirement_id, using)
        taken = 0
        while (step := next_step(requirement, now)) is not None and _take(requirement, step):
            taken += 1
        return taken


def _take(requirement: Requirement, step: DueStep) -> bool:
    """One step, unless somebody else has just taken it."""
    rest = remaining(requirement)[1:]
    at = rest[0].at if rest else None
    rows = Requirement.objects.using(requirement._state.db).open().filter(id=requirement.id)
    count = requirement.steps_taken
    if not rows.filter(steps_taken=count).update(steps_taken=count + 1, next_step_at=at):
        return False
    requirement.steps_taken, requirement.next_step_at = count + 1, at
    data: dict[str, object] = {"number": step.number, "at": step.at.isoformat()}
    if step.circle:
        _grant(requirement, step)
        data |= step.circle.to_dict()
    append_event(requirement.run, EVENTS[step.kind], ENGINE, requirement=requirement, data=data)
    return True


def _grant(requirement: Requirement, step: DueStep) -> None:
    rows = (
        Grant(run=requirement.run, requirement=requirement, **fields)
        for fields in grants.named(step.circle, decides=True)
    )
    Grant.objects.using(requirement._state.db).bulk_create(rows)
