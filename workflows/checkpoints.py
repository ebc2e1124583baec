"""Checkpoints: signed statements of where the chains of all runs end, and what was found when chains were verified."""

from typing import ClassVar

from django.db import models

from workflows.ids import new_id

DIGEST = 64


class Checkpoint(models.Model):
    """One statement, by number. It has the ends that are new since the one before, whose digest it carries: together
    they have the ends of all runs.

    `root` is the Merkle root of its sealed heads; `digest` that of the statement, which `signature` signs (Ed25519).
    Append-only.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    previous = models.CharField(max_length=DIGEST, blank=True)
    root = models.CharField(max_length=DIGEST)
    heads = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    digest = models.CharField(max_length=DIGEST)
    key = models.CharField(max_length=DIGEST, help_text="The public key, in hexadecimal digits.")
    signature = models.CharField(max_length=2 * DIGEST)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return f"Checkpoint {self.number}"


class SealedHead(models.Model):
    """Where the chain of one run ended when a checkpoint was made. Append-only."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="sealed")
    run = models.ForeignKey(
        "workflows.WorkflowRun", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.PositiveIntegerField()
    digest = models.CharField(max_length=DIGEST)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "position"], name="sealed_head_of_run"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} at {self.position}"


class Verification(models.Model):
    """What one verification of all chains has found; `problem` is the first broken link, empty where there is none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    runs = models.PositiveIntegerField()
    events = models.PositiveBigIntegerField()
    checkpoints = models.PositiveIntegerField()
    problem = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.problem or 'whole'}"
