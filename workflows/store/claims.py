"""Claims: the right to drive a run. A claim is a lease: while it lasts `wake_at` is its end, so that the query for
due runs finds what a dead worker left behind; its fence tells an old holder from a new one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Min
from django.utils import timezone

from workflows.models import WorkflowRun

BATCH = 8


def lease() -> timedelta:
    """How long a claim lasts without a heartbeat."""
    return timedelta(seconds=settings.HITL_LEASE_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to drive one run, until somebody claims it with a higher fence."""

    run_id: UUID
    workflow: str
    owner: str
    fence: int


def claim_run(run_id: UUID, owner: str, using: str = DEFAULT_DB_ALIAS) -> Claim | None:
    """Claim one run that nobody drives, whether it is due or not; None when somebody does, or it has ended."""
    runs = WorkflowRun.objects.using(using).unfinished().filter(id=run_id)
    found = runs.values_list("fence", "workflow__name", "lease_owner", "wake_at").first()
    if found is None:
        return None
    fence, workflow, holder, wake_at = found
    now = timezone.now()
    if holder and wake_at is not None and wake_at > now:
        return None
    if not runs.filter(fence=fence).update(fence=fence + 1, lease_owner=owner, wake_at=now + lease()):
        return None
    return Claim(run_id=run_id, workflow=workflow, owner=owner, fence=fence + 1)


def claim(owner: str, workflows: Iterable[str]) -> Claim | None:
    """Claim the run that has been due longest, of the workflows that this process knows; None when nothing is due."""
    due = WorkflowRun.objects.due(timezone.now()).filter(workflow__name__in=list(workflows))
    for run_id, fence, workflow in due.values_list("id", "fence", "workflow__name")[:BATCH]:
        now = timezone.now()
        won = WorkflowRun.objects.filter(id=run_id, fence=fence, wake_at__lte=now).update(
            fence=fence + 1, lease_owner=owner, wake_at=now + lease()
        )
        if won:
            return Claim(run_id=run_id, workflow=workflow, owner=owner, fence=fence + 1)
    return None


def next_due(workflows: Iterable[str]) -> datetime | None:
    """When the next run of these workflows is due."""
    waiting = WorkflowRun.objects.filter(wake_at__isnull=False, workflow__name__in=list(workflows))
    due: datetime | None = waiting.aggregate(at=Min("wake_at"))["at"]
    return due
