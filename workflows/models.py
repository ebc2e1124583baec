"""How runs are kept: definitions, sessions, runs, step records, values, requirements, decisions, events.

Tables are written by `store` (what the engine did), by `services` and `repair` (what people and machines did), by
`scripts` (runs of plain scripts) and by `registration` (definitions), and by nobody else.
A status is one column with a closed set; a transition is a compare-and-set there, and appends
one RunEvent. Values, decisions and events are only ever inserted: database triggers hold the last two.

`db_index=False` stands where another index or constraint begins with that key: each index is one page more that
every save of a run writes.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflows.attendance import Lead, WorkerBeat
from workflows.checkpoints import Checkpoint, SealedHead, Verification
from workflows.delegations import Delegation
from workflows.engine import values
from workflows.grants import Grant
from workflows.ids import new_id
from workflows.querysets import RequirementQuerySet, RunQuerySet
from workflows.speech import Piece
from workflows.teamwork import Comment, Snooze
from workflows.types import Action, RequirementKind, ReviewPolicy, RunStatus, StepStatus, StepType

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "Checkpoint",
    "Comment",
    "Decision",
    "Delegation",
    "Grant",
    "Lead",
    "Piece",
    "Priority",
    "Requirement",
    "RequirementQuerySet",
    "RunEvent",
    "RunQuerySet",
    "SealedHead",
    "Session",
    "Snooze",
    "StepRecord",
    "Value",
    "Verification",
    "WorkerBeat",
    "Workflow",
    "WorkflowRun",
]

NAME = 200
PATH = 1000
DIGEST = 64


def choices_of(members: Any) -> list[tuple[str, str]]:
    """Django's choices for a string enum."""
    return [(str(member.value), str(member.value).replace("_", " ").capitalize()) for member in members]


def refuse_policy(data: Any) -> None:
    """A validator: what an admin has written must be a policy (see `types.ReviewPolicy`)."""
    try:
        ReviewPolicy.from_dict(data)
    except (TypeError, AttributeError, ValueError) as wrong:
        raise ValidationError(str(wrong)) from None


class Priority(models.IntegerChoices):
    """How urgent something is: what people see first, what workers take first."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


class Workflow(models.Model):
    """A registered definition. Its code lives in a worker or script; this row is what everybody else knows of it.

    `outline` is the tree as data (see `engine.plan.outline`), so that pages draw it without the code.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(max_length=NAME, unique=True, allow_unicode=True)
    title = models.CharField(max_length=NAME)
    description = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    outline = models.JSONField()
    enabled = models.BooleanField(default=True, help_text="Whether new runs may be started.")
    policy = models.JSONField(
        default=dict,
        blank=True,
        validators=[refuse_policy],
        help_text="Who decides and by when, where a step says nothing: a JSON object with the fields of a review"
        " policy. Counts for what is asked from now on.",
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices,
        default=Priority.NORMAL.value,
        help_text="Which runs workers take first, where the start of one says nothing.",
    )
    max_running = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many of its runs are driven at once; empty: as many as there are workers for.",
    )
    max_per_key = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many runs with the same queue key, of this workflow or another, are driven at once when one of"
        " this workflow is taken; empty: no limit.",
    )
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title"]

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """What several runs of one workflow share: `state`, saved by compare-and-set on `version`."""

    id = models.CharField(primary_key=True, max_length=NAME, default=new_id)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="sessions")
    state = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.id


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
    fingerprint = models.CharField(max_length=64, help_text="The definition that it was started with.")
    summary = models.CharField(max_length=NAME, blank=True, help_text="Its input in one line.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requested_runs",
    )
    source = models.CharField(max_length=NAME, help_text="portal, command, script, or webhook:NAME.")
    external_id = models.CharField(
        max_length=NAME, default=new_id, help_text="The sender's id: the same one twice is one run."
    )
    output = models.ForeignKey("Value", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True, help_text="Why it was cancelled, failed or stopped.")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL.value)
    queue_key = models.CharField(
        max_length=NAME,
        blank=True,
        help_text="What it shares with other runs, of which only some may use it at once.",
    )
    wake_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=NAME, blank=True)
    fence = models.PositiveIntegerField(default=0)
    cancel_requested_by = models.CharField(max_length=NAME, blank=True)
    chain_head = models.CharField(max_length=DIGEST, blank=True, help_text="The digest of its last event.")
    chain_length = models.PositiveIntegerField(default=0)
    is_sealed = models.BooleanField(default=False, help_text="A checkpoint has the end of its chain.")
    is_restricted = models.BooleanField(
        default=False, help_text="A policy names who decides in it: other reviewers do not see it."
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
            models.Index(fields=["id"], name="run_unsealed", condition=Q(is_sealed=False)),
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
    data = models.TextField(help_text="JSON; see engine.values for the tagged types.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "path", "slot"], name="one_value_per_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.path}#{self.slot}"

    def plain(self) -> Any:
        """What it holds as JSON-able data, for showing it."""
        return values.plain(self.data)


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
    in_flight = models.CharField(max_length=NAME, blank=True, help_text="The call that has not come back.")
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


class Requirement(models.Model):
    """What a person must resolve before a run goes on.

    `revision` changes with the content that is asked about, never with what people say about it; a decision names
    the revision it was made from. `details` holds the rest of what the engine asked (see `engine.needs.Ask`);
    `policy` is who decides and by when, as it was when it was asked: what the step said, then the workflow's policy.

    A decision can be undone until `release_at`; null: it was released, or there was nothing to wait for. Reminders
    and escalations are counted in `steps_taken`; the next one comes at `next_step_at`.
    """

    class Status(models.TextChoices):
        """Where a requirement stands."""

        OPEN = "open"
        DECIDED = "decided"  # one answer won; the run has not gone on yet
        APPLIED = "applied"  # the run went on with it
        WITHDRAWN = "withdrawn"  # the run ended before anybody answered

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(
        WorkflowRun, on_delete=models.CASCADE, related_name="requirements", db_index=False
    )
    path = models.CharField(max_length=PATH)
    key = models.CharField(max_length=NAME, help_text="Which question at that step: before:0, review:1.")
    kind = models.CharField(max_length=30, choices=choices_of(RequirementKind))
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    revision = models.PositiveIntegerField(default=1)
    step_name = models.CharField(max_length=NAME)
    message = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    evidence = models.ForeignKey(Value, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    timeout_at = models.DateTimeField(null=True, blank=True)
    policy = models.JSONField(default=dict, blank=True)
    digest = models.CharField(
        max_length=DIGEST, blank=True, help_text="Of what is passed on once it is approved."
    )
    is_restricted = models.BooleanField(default=False, help_text="The policy names who decides.")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    risk = models.CharField(max_length=10, default="normal")
    due_at = models.DateTimeField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)
    steps_taken = models.PositiveIntegerField(default=0)
    release_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "path", "key"], name="one_requirement_per_question"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opened_at", "id"], name="inbox", condition=Q(status="open")),
            models.Index(fields=["timeout_at"], name="deadlines", condition=Q(status="open")),
            models.Index(fields=["run", "status"], name="requirement_of_run"),
            models.Index(fields=["next_step_at"], name="reminders", condition=Q(status="open")),
            models.Index(
                fields=["release_at"],
                name="releases",
                condition=Q(status="decided", release_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_name}: {self.kind}"

    @property
    def is_open(self) -> bool:
        """Somebody still has to answer."""
        return self.status == self.Status.OPEN

    @property
    def short_digest(self) -> str:
        """What people can compare of the digest: `3f2a-91bc-04d7`."""
        return "-".join(self.digest[start : start + 4] for start in (0, 4, 8)) if self.digest else ""

    @property
    def review_policy(self) -> ReviewPolicy:
        """Who decides and by when."""
        return ReviewPolicy.from_dict(self.policy)

    @property
    def decision(self) -> "Decision | None":
        """The answer that closed it; None while it is open. `decisions` has votes before it, and what was undone."""
        if self.is_open:
            return None
        of_now = [decision for decision in self.decisions.all() if decision.revision == self.revision]
        return next((decision for decision in reversed(of_now) if decision.closes), None)

    def is_held(self, now: datetime | None = None) -> bool:
        """It is decided, and the decision can still be undone: nothing has come of it yet."""
        decided = self.status == self.Status.DECIDED
        return decided and self.release_at is not None and self.release_at > (now or timezone.now())

    def holder(self, now: datetime | None = None) -> "User | None":
        """Who has claimed it, or was assigned to it, and still is; a query where `assignee` is not fetched along."""
        claimed = self.claimed_until is not None and self.claimed_until > (now or timezone.now())
        return self.assignee if claimed else None


class Decision(models.Model):
    """One answer to one revision of a requirement: who, when, through which door, and what. Append-only.

    `closes`: it ended the question; false for a vote after which more are needed. `digest` is of what would be passed
    on (see `audit.bound`). Feedback and answer can be erased; the log has a digest of them, which `salt` makes
    unguessable.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="decisions")
    revision = models.PositiveIntegerField()
    action = models.CharField(max_length=20, choices=choices_of(Action))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decided_by_deputies",
        help_text="Whose deputy the person was: the vote is theirs.",
    )
    actor = models.CharField(max_length=NAME, help_text="The person's name at the time, or script, or timer.")
    channel = models.CharField(max_length=30, help_text="portal, admin, api, script or timer.")
    closes = models.BooleanField(default=True)
    feedback = models.TextField(blank=True)
    answer = models.JSONField(default=dict, blank=True)
    salt = models.CharField(max_length=32, blank=True, editable=False)
    digest = models.CharField(max_length=DIGEST, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["decided_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["requirement", "revision", "person"], name="one_decision_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action}"


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
