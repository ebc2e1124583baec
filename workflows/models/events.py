"""RunEvent: the log of lasting facts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from workflows.ids import new_id
from workflows.models.choices import DIGEST, NAME, PATH
from workflows.models.requirements import Requirement
from workflows.models.runs import WorkflowRun


class RunEvent(models.Model):
    """One lasting fact, written in the transaction that made it true: audit, timeline and live bus in one.

    `sequence` is the bus cursor: readers ask for what came after the last one they saw. `position` counts the run's
    own events; `previous` is the digest of the one before (see `audit.chain`). Append-only.
    """

    sequence = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=new_id, editable=False)
    run = models.ForeignKey(WorkflowRun, on_delete=models.PROTECT, related_name="events", db_index=False)
    type = models.CharField(max_length=60)
    path = models.CharField(max_length=PATH, blank=True)
    requirement = models.ForeignKey(
        Requirement, null=True, blank=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    actor = models.CharField(max_length=NAME, blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    position = models.PositiveIntegerField(default=0)
    previous = models.CharField(max_length=DIGEST, blank=True)
    digest = models.CharField(max_length=DIGEST, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["sequence"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "sequence"], name="event_of_run"),
            models.Index(
                fields=["requirement"], name="event_of_requirement", condition=Q(requirement__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"
