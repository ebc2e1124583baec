"""Cards: what stands in Slack about requirements, or is on its way there: an outbox that outlives every restart."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hitl_portal.log_position import LogPosition
from workflows.ids import new_id
from workflows.models import Requirement

if TYPE_CHECKING:
    from datetime import datetime

ID = 40  # Slack's ids have 9 to 11 characters today


class Position(LogPosition):
    """How far the log was read for rooms."""


class CardQuerySet(models.QuerySet["Card"]):
    """The named queries of cards."""

    def due(self, now: "datetime") -> "CardQuerySet":
        """What is to be sent to Slack, longest due first."""
        waiting = self.filter(status__in=(Card.Status.WAITING, Card.Status.ENDING), next_try_at__lte=now)
        return waiting.order_by("next_try_at", "id")

    def outdated(self, now: "datetime") -> "CardQuerySet":
        """Those that stand there and may have to change: not while a decision can still be undone."""
        held = Q(requirement__status=Requirement.Status.DECIDED, requirement__release_at__gt=now)
        other = ~Q(requirement__status=Requirement.Status.OPEN) | ~Q(requirement__revision=F("revision"))
        return self.filter(other, status=Card.Status.POSTED).exclude(held)


class Card(models.Model):
    """One message about one revision of a requirement.

    It stands in a room that many read (`event` is why it was posted), in a `person`'s own (`note` is the notification
    that it is), or is shown to `presser` alone, who has pressed a button; that one is never changed. `room` and `stamp`
    are Slack's name of the message. While it waits, `next_try_at` is when it is due, or, while somebody sends it, when
    that is taken for dead; `tries` grows with every try that begins.
    """

    class Status(models.TextChoices):
        """Where a card stands."""

        WAITING = "waiting", _("Waits to be posted")
        POSTED = "posted", _("Posted")
        ENDING = "ending", _("Waits to be closed")
        DONE = "done", _("Done")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="slack_cards")
    revision = models.PositiveIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    event = models.BigIntegerField(null=True, blank=True)
    note = models.UUIDField(null=True, blank=True, unique=True)
    room = models.CharField(max_length=ID)
    presser = models.CharField(max_length=ID, blank=True)
    stamp = models.CharField(max_length=ID, blank=True)
    language = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(help_text=_("When it is given up."))
    created_at = models.DateTimeField()

    objects = CardQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "room"], name="one_card_of_an_event_in_a_room"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_try_at"], name="slack_due", condition=Q(status__in=["waiting", "ending"])
            ),
            models.Index(fields=["requirement"], name="slack_posted", condition=Q(status="posted")),
            models.Index(fields=["created_at"], name="slack_old"),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.stamp or self.id}"
