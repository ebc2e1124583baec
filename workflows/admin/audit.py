"""The audit in Django admin: checkpoints and verifications, to look at."""

from django.contrib import admin

from workflows.admin.rights import ReadOnly
from workflows.models import Checkpoint, Verification


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnly):
    """What seals the ends of all chains."""

    list_display = ["number", "created_at", "heads", "digest", "key"]
    date_hierarchy = "created_at"
    ordering = ["-number"]


@admin.register(Verification)
class VerificationAdmin(ReadOnly):
    """What was found when everything was verified."""

    list_display = ["started_at", "finished_at", "events", "runs", "checkpoints", "problem"]
    date_hierarchy = "started_at"
