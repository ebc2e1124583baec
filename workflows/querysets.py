"""The named queries of runs and requirements."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from workflows import grants
from workflows.teamwork import Snooze
from workflows.types import RunStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from workflows.models import Requirement, WorkflowRun  # noqa: F401  the bases name them as texts

# Of Requirement.Status, which needs these queries before it is there.
OPEN, DECIDED = "open", "decided"
PRIORITIES = (1, 2, 3, 4)


class RunQuerySet(models.QuerySet["WorkflowRun"]):
    """The named queries of runs."""

    def visible(self, person: "User") -> "RunQuerySet":
        """What this person may see."""
        return self.filter(grants.seen_runs(person))

    def due(self, now: datetime) -> "RunQuerySet":
        """What a worker should look at, longest waiting first."""
        # The index of the queue begins with the priority.
        return self.filter(priority__in=PRIORITIES, wake_at__lte=now).order_by("wake_at")

    def unfinished(self) -> "RunQuerySet":
        """Runs in which something can still happen."""
        return self.filter(status__in=[status for status in RunStatus if not status.finished])


class RequirementQuerySet(models.QuerySet["Requirement"]):
    """The named queries of requirements."""

    def open(self) -> "RequirementQuerySet":
        """What waits for a person."""
        return self.filter(status=OPEN)

    def visible(self, person: "User") -> "RequirementQuerySet":
        """What this person may see."""
        return self.filter(grants.seen_requirements(person))

    def awake(self, person: "User", now: datetime) -> "RequirementQuerySet":
        """Without what this person wants to see later."""
        return self.exclude(id__in=Snooze.objects.asleep(now).filter(person=person.pk).values("requirement"))

    def held(self, now: datetime) -> "RequirementQuerySet":
        """Decided, and the decision can still be undone."""
        return self.filter(status=DECIDED, release_at__gt=now)

    def due_steps(self, now: datetime) -> "RequirementQuerySet":
        """What somebody is to be reminded of, or what is to be escalated, longest due first."""
        return self.open().filter(next_step_at__lte=now).order_by("next_step_at")
