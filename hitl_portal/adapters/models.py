"""Servers of other frameworks, the pauses that were found there, and what people were asked about each.

A pause is also its own outbox row: once all its questions are answered it is due, until the server has the answer.
"""

import re
from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.outbound.models import refuse_address
from hitl_portal.sealing import seal, unseal
from workflows.ids import new_id
from workflows.models import Requirement, WorkflowRun
from workflows.types import ReviewPolicy

PURPOSE = "adapter-bearer"
LONGEST_NAME, LONGEST_ID = 100, 200
PLACE = re.compile(r"(agent|team|workflow|graph)/\S+")
KEPT_TRYING = timedelta(days=2)
ENDED = (Requirement.Status.DECIDED, Requirement.Status.APPLIED)


class Speaks(models.TextChoices):
    """Whose HTTP interface it has."""

    AGNO = "agno", _("Agno AgentOS")
    LANGGRAPH = "langgraph", _("LangGraph server")


def refuse_places(places: object) -> None:
    """A validator: names of what may be brought in."""
    if not isinstance(places, list) or not all(
        isinstance(name, str) and PLACE.fullmatch(name) for name in places
    ):
        raise ValidationError(
            _('A list such as ["agent/clerk", "team/office", "workflow/refund", "graph/mail"].')
        )


def refuse_policy(policy: object) -> None:
    """A validator: a review policy as data."""
    try:
        ReviewPolicy.from_dict(policy)  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError) as wrong:
        raise ValidationError(str(wrong)) from None


class Server(models.Model):
    """A server of another framework, whose pauses are brought in.

    `next_look_at` is when it is looked at again, or, while somebody looks, when that is taken for dead. `seen_until` is
    when the last complete look began: what was touched before has been seen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(_("name"), max_length=LONGEST_NAME, unique=True)
    speaks = models.CharField(_("interface"), max_length=20, choices=Speaks.choices)
    url = models.CharField(_("address"), max_length=1000, validators=[refuse_address])
    sealed = models.TextField(blank=True, editable=False)
    places = models.JSONField(
        _("what is brought in"),
        default=list,
        blank=True,
        validators=[refuse_places],
        help_text=_(
            'Such as ["agent/clerk", "team/office", "workflow/refund"]; none: everything the server names.'
        ),
    )
    policy = models.JSONField(
        _("policy"),
        default=dict,
        blank=True,
        validators=[refuse_policy],
        help_text=_('Who decides, and by when, as JSON: {"deciders": "finance", "risk": "high"}.'),
    )
    every = models.PositiveIntegerField(
        _("seconds between looks"), default=10, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    next_look_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_until = models.DateTimeField(null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = _("server of another framework")
        verbose_name_plural = _("servers of other frameworks")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Nothing is the same, however it is written."""
        self.places, self.policy = self.places or [], self.policy or {}

    @property
    def bearer(self) -> str:
        """What it is shown to be let in; empty where it needs nothing. Raises Unreadable after a lost key."""
        return unseal(self.sealed, PURPOSE) if self.sealed else ""

    def set_bearer(self, text: str) -> None:
        """Seal it; the caller saves. Without a text there is none any more."""
        self.sealed = seal(text, PURPOSE) if text else ""

    def admits(self, place: str) -> bool:
        """Whether pauses of "agent/clerk" and so on are brought in."""
        return not self.places or place in self.places


class Report(models.Model):
    """A paused run that a program has told of: it is looked at next."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="reports")
    place = models.CharField(max_length=LONGEST_ID)
    far_run = models.CharField(max_length=LONGEST_ID)
    session = models.CharField(max_length=LONGEST_ID, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.place} {self.far_run}"


class Pause(models.Model):
    """One pause of a run over there. `key` tells it from other pauses of the same run.

    `tries` grows with every try to answer that begins: who holds an older number changes nothing. `sent_at` is set
    before the answer leaves, so that whoever comes after a crash knows that it may have arrived.
    """

    class Status(models.TextChoices):
        """Where a pause stands."""

        OPEN = "open", _("Waits for people")
        DUE = "due", _("Waits for being answered there")
        DELIVERED = "delivered", _("Answered there")
        ELSEWHERE = "elsewhere", _("Ended there without us")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="pauses")
    place = models.CharField(max_length=LONGEST_ID)
    far_run = models.CharField(max_length=LONGEST_ID)
    session = models.CharField(max_length=LONGEST_ID, blank=True)
    key = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    tries = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-found_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["server", "key"], name="one_pause_each"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try_at"], name="pauses_due", condition=models.Q(status="due")),
            models.Index(
                fields=["server", "found_at"], name="pauses_open", condition=models.Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.far_run}"

    @property
    def runs(self) -> "models.QuerySet[WorkflowRun]":
        """Of its questions, in order."""
        return WorkflowRun.objects.filter(foreign_question__pause=self).order_by("foreign_question__number")


class Asked(models.Model):
    """One question about a pause: a run of ours that asks it. `spot` is what of the pause it is about."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pause = models.ForeignKey(Pause, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveIntegerField()
    spot = models.CharField(max_length=LONGEST_ID)
    run = models.OneToOneField(WorkflowRun, on_delete=models.CASCADE, related_name="foreign_question")

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pause", "number"], name="one_question_each"),
        ]

    def __str__(self) -> str:
        return self.spot

    def answer(self) -> dict[str, Any] | None:
        """What was decided, as data; None where the question ended without an answer. Two queries."""
        asked = self.run.requirements.filter(status__in=ENDED).first()
        return asked.decision.answer if asked is not None and asked.decision is not None else None
