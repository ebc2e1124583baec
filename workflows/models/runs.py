"""WorkflowRun, Value and StepRecord: one run, what it was given and produced, and what has happened where."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.engine import values
from workflows.ids import new_id
from workflows.models.choices import DIGEST, NAME, PATH, Priority, choices_of
from workflows.models.definitions import Session, Workflow
from workflows.querysets import RunQuerySet
from workflows.types import RunStatus, StepStatus, StepType

TRACEPARENT = 55  # characters, in W3C Trace Context


class WorkflowRun(models.Model):
    """One run. The rows with a `wake_at` are the workers' queue.

    `wake_at` is when a worker should look next: now for new work, the end of the lease while somebody drives it,
    the nearest deadline while it is paused, null when nothing will happen by itself. `fence` grows with every
    claim; whoever holds an older number can write nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="runs")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(
        max_length=20, choices=choices_of(RunStatus), default=RunStatus.pending.value, editable=False
    )
    fingerprint = models.CharField(max_length=64, help_text=_("The definition that it was started with."))
    summary = models.CharField(max_length=NAME, blank=True, help_text=_("Its input in one line."))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requested_runs",
    )
    source = models.CharField(max_length=NAME, help_text=_("portal, command, script, or webhook:NAME."))
    external_id = models.CharField(
        max_length=NAME, default=new_id, help_text=_("The sender's id: the same one twice is one run.")
    )
    # The span of what made it due, where that is traced (see `tracing`); null costs nothing where it is not.
    trace = models.CharField(max_length=TRACEPARENT, null=True, blank=True, editable=False)  # noqa: DJ001
    forked_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="forks",
        db_index=False,
        help_text=_("The run that it goes on from: what that one had done before `forked_at` is kept."),
    )
    forked_at = models.CharField(max_length=PATH, blank=True)
    output = models.ForeignKey("Value", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True, help_text=_("Why it was cancelled, failed or stopped."))
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL.value)
    queue_key = models.CharField(
        max_length=NAME,
        blank=True,
        help_text=_("What it shares with other runs, of which only some may use it at once."),
    )
    wake_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=NAME, blank=True)
    fence = models.PositiveIntegerField(default=0)
    cancel_requested_by = models.CharField(max_length=NAME, blank=True)
    chain_head = models.CharField(max_length=DIGEST, blank=True, help_text=_("The digest of its last event."))
    chain_length = models.PositiveIntegerField(default=0)
    is_sealed = models.BooleanField(default=False, help_text=_("A checkpoint has the end of its chain."))
    is_restricted = models.BooleanField(
        default=False, help_text=_("A policy names who decides in it: other reviewers do not see it.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_run_per_external_id"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["priority", "wake_at"], name="run_queue", condition=Q(wake_at__isnull=False)
            ),
            models.Index(fields=["-created_at", "-id"], name="run_newest"),
            models.Index(fields=["requested_by", "-created_at"], name="run_by_requester"),
            models.Index(
                fields=["-finished_at", "-id"], name="run_ended", condition=Q(finished_at__isnull=False)
            ),
            models.Index(fields=["id"], name="run_unsealed", condition=Q(is_sealed=False)),
            models.Index(fields=["forked_from"], name="run_forks", condition=Q(forked_from__isnull=False)),
        ]

    def __str__(self) -> str:
        # Costs a query where the workflow is not fetched along; lists do that.
        return f"{self.workflow} · {self.summary or self.id}"

    @property
    def is_finished(self) -> bool:
        """Nothing can happen to it any more."""
        return RunStatus(self.status).finished


class Value(models.Model):
    """Something a run was given or produced, encoded once and never changed; other rows refer to it.

    `path` and `slot` say what it is: ("", "inputs") for what the run was started with, (path of a step,
    "call:0.0") for what its first call gave back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="values", db_index=False)
    path = models.CharField(max_length=PATH, blank=True)
    slot = models.CharField(max_length=NAME)
    data = models.TextField(help_text=_("JSON; see engine.values for the tagged types."))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "path", "slot"], name="one_value_per_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.path}#{self.slot}"

    def plain(self) -> Any:
        """What it holds as JSON-able data, for showing it."""
        return values.plain(self.data)

    def shown(self) -> Any:
        """The same with its bytes as bytes. Raises RecursionError for data that nests beyond reason."""
        return values.shown(self.data)


class StepRecord(models.Model):
    """What has happened at one place of the tree. `path` names the place: `fetch`, `refine/3/draft`.

    `memo` holds the answers that an unfinished step has got so far; a finished one only needs its `output`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="records", db_index=False)
    path = models.CharField(max_length=PATH, blank=True)
    name = models.CharField(max_length=NAME)
    kind = models.CharField(max_length=20, choices=choices_of(StepType))
    status = models.CharField(max_length=20, choices=choices_of(StepStatus), default=StepStatus.pending.value)
    tries = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    in_flight = models.CharField(max_length=NAME, blank=True, help_text=_("The call that has not come back."))
    memo = models.JSONField(default=dict, blank=True)
    output = models.ForeignKey(Value, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "path"], name="one_record_per_path"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run"], name="record_frontier", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.path or self.name
