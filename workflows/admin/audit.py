"""What the portal does for itself, in Django admin, to look at: checkpoints, verifications, looks for what nobody can
decide, and which workers there are."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from workflows.admin.rights import ReadOnly
from workflows.models import Checkpoint, CoverageCheck, Verification, WorkerBeat


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


@admin.register(CoverageCheck)
class CoverageCheckAdmin(ReadOnly):
    """What could not be decided when the workers looked."""

    list_display = ["checked_at", "found"]
    date_hierarchy = "checked_at"


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnly):
    """The worker processes that were heard of lately, and whether they still are."""

    list_display = ["name", "is_heard", "transport", "concurrency", "started_at", "seen_at"]
    list_filter = ["transport"]
    search_fields = ["name"]

    @admin.display(description=_("Alive"), boolean=True)
    def is_heard(self, beat: WorkerBeat) -> bool:
        return beat.is_alive()
