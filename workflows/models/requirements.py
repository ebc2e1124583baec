"""Requirement and Decision: what a person must resolve, and the answers to it."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflows.ids import new_id
from workflows.models.choices import DIGEST, NAME, PATH, Priority, choices_of
from workflows.models.runs import Value, WorkflowRun
from workflows.querysets import RequirementQuerySet
from workflows.types import Action, RequirementKind, ReviewPolicy

if TYPE_CHECKING:
    from django.contrib.auth.models import User


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

        OPEN = "open", _("Open")
        DECIDED = "decided", _("Decided")  # one answer won; the run has not gone on yet
        APPLIED = "applied", _("Applied")  # the run went on with it
        WITHDRAWN = "withdrawn", _("Withdrawn")  # the run ended before anybody answered

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(
        WorkflowRun, on_delete=models.CASCADE, related_name="requirements", db_index=False
    )
    path = models.CharField(max_length=PATH)
    key = models.CharField(max_length=NAME, help_text=_("Which question at that step: before:0, review:1."))
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
        max_length=DIGEST, blank=True, help_text=_("Of what is passed on once it is approved.")
    )
    is_restricted = models.BooleanField(default=False, help_text=_("The policy names who decides."))
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

    # What the store has read along with it, oldest first; None: `decisions` is to be asked.
    fetched_decisions: "list[Decision] | None" = None

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
        known = self.decisions.all() if self.fetched_decisions is None else self.fetched_decisions
        of_now = [decision for decision in known if decision.revision == self.revision]
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
        help_text=_("Whose deputy the person was: the vote is theirs."),
    )
    actor = models.CharField(
        max_length=NAME, help_text=_("The person's name at the time, or script, or timer.")
    )
    channel = models.CharField(max_length=30, help_text=_("portal, admin, api, script or timer."))
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
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decided_at"], name="decisions_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action}"
