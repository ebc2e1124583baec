"""Deliveries: what sources have posted lately, and how many posts there ever were of each outcome."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.hooks.models.sources import WebhookSource
from hitl_portal.sealing import unseal
from workflows.ids import new_id
from workflows.models import WorkflowRun

PAYLOAD = "webhook-payload"


class Delivery(models.Model):
    """A line of a source's log: what was posted, as far as it may be shown, and what came of it.

    `outcome` is "started", "repeated" or "greeted", or the kind of a Problem. `sealed_body` holds the payload of a
    signed post, encrypted, so that it can be replayed; `excerpt` is what people see of the body, without secrets.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(WebhookSource, on_delete=models.CASCADE, related_name="deliveries")
    received_at = models.DateTimeField(default=timezone.now)
    message_id = models.CharField(max_length=200, blank=True)
    is_signed = models.BooleanField(default=False)
    outcome = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField()
    detail = models.TextField(blank=True)
    headers: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    excerpt = models.TextField(blank=True)
    sealed_body = models.TextField(blank=True)
    run = models.ForeignKey(
        WorkflowRun, null=True, on_delete=models.SET_NULL, related_name="webhook_deliveries"
    )
    replay_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replays")
    replayed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name_plural = _("deliveries")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "is_signed", "-received_at", "-id"], name="hooks_delivery_newest")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"

    @property
    def is_taken(self) -> bool:
        """Whether it was answered with a run, or a greeting."""
        return self.status < 300

    def payload(self) -> str:
        """The body of a signed post, whole, as JSON. Raises Unreadable after a lost key."""
        return unseal(self.sealed_body, PAYLOAD)


class DeliveryCount(models.Model):
    """How many deliveries of a source have come out how, ever: the log itself is short."""

    source = models.ForeignKey(WebhookSource, on_delete=models.CASCADE, related_name="counts")
    outcome = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "outcome"], name="hooks_one_count_each")
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.count}"
