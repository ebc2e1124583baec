"""Endpoints, their secrets, and the outbox: what each endpoint is told, and what came of every try.

Rows of the outbox are made by `deriving`; a delivery's transitions are compare-and-sets on `tries` in `outbox`.
"""

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.log_position import LogPosition
from hitl_portal.outbound.addressing import Refused, Rules, refuse_literal, target
from hitl_portal.sealing import seal, unseal
from workflows import tail
from workflows.ids import new_id
from workflows.models import RunEvent, Workflow

PURPOSE = "webhook-endpoint"
SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
ROTATION = timedelta(hours=24)
MOST_SECRETS = 4


class EventType(models.TextChoices):
    """What endpoints can be told."""

    RUN_STARTED = "run.started", _("A run has started")
    RUN_PAUSED = "run.paused", _("A run waits for people")
    OPENED = "requirement.opened", _("Somebody is asked")
    DECIDED = "requirement.decided", _("Somebody has decided, and can undo it no more")
    EXPIRED = "requirement.expired", _("Nobody has decided in time")
    RUN_COMPLETED = "run.completed", _("A run is completed")
    RUN_FAILED = "run.failed", _("A run has failed")
    RUN_CANCELLED = "run.cancelled", _("A run is cancelled")


PING = "ping"


def refuse_address(url: str) -> None:
    """A validator: what may be posted to, as far as it can be told without asking who that is."""
    try:
        rules = Rules.of_settings()
        refuse_literal(target(url, rules), rules)
    except Refused as refused:
        raise ValidationError(str(refused)) from None


def refuse_events(events: object) -> None:
    """A validator: names of events, at least one."""
    if not isinstance(events, list) or not events or not set(map(str, events)) <= set(EventType.values):
        raise ValidationError(_("Choose at least one event."))


class Endpoint(models.Model):
    """A program that is told. `since` is where in the log it was switched on: nothing before that is for it.

    `disabled_because` says why it is off, where nobody but itself has switched it off.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    url = models.CharField(
        _("address"), max_length=1000, validators=[refuse_address], help_text=_("It begins with https://.")
    )
    events = models.JSONField(_("events"), default=list, validators=[refuse_events])
    workflows = models.ManyToManyField(
        Workflow,
        blank=True,
        related_name="+",
        verbose_name=_("workflows"),
        help_text=_("Only of runs of these; none chosen: of all, also later ones."),
    )
    enabled = models.BooleanField(_("enabled"), default=True, editable=False)
    disabled_because = models.CharField(max_length=200, blank=True, editable=False)
    since = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **named: object) -> None:
        """A new one is told of what happens from now on."""
        if self._state.adding:
            self.since = tail.latest()
        super().save(*args, **named)  # type: ignore[arg-type]

    def switch_on(self) -> None:
        """From now on it is told again; what happened while it was off is not for it."""
        off = Endpoint.objects.filter(pk=self.pk, enabled=False)
        off.update(enabled=True, disabled_because="", since=tail.latest())
        self.refresh_from_db()

    def switch_off(self, because: str = "") -> None:
        """Nothing is sent to it any more; what waits for it stays until it is on again."""
        Endpoint.objects.filter(pk=self.pk, enabled=True).update(enabled=False, disabled_because=because)
        self.refresh_from_db()

    def renew_secret(self) -> str:
        """Give it a new secret and return that, which nobody can read later; the old ones sign along for a day."""
        secret = "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        now = timezone.now()
        with transaction.atomic():
            self.secrets.filter(retires_at=None).update(retires_at=now + ROTATION)
            EndpointSecret.objects.create(endpoint=self, sealed=seal(secret, PURPOSE), created_at=now)
            kept = self.secrets.values_list("pk", flat=True)[:MOST_SECRETS]
            self.secrets.exclude(pk__in=list(kept)).delete()
            self.secrets.filter(retires_at__lte=now).delete()
        return secret

    def signing(self, now: datetime) -> list[str]:
        """The secrets that sign now, newest first. Raises sealing.Unreadable after a lost key."""
        rows = self.secrets.filter(models.Q(retires_at=None) | models.Q(retires_at__gt=now))
        return [unseal(row.sealed, PURPOSE) for row in rows]


class EndpointSecret(models.Model):
    """One secret of an endpoint, sealed (see `sealing`). While it is replaced, both old and new one sign."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.created_at:%Y-%m-%d}"

    @property
    def signs(self) -> bool:
        """It is not over yet."""
        return self.retires_at is None or self.retires_at > timezone.now()


class Position(LogPosition):
    """How far the log was read for the outbox."""


class Delivery(models.Model):
    """One message to one endpoint: the outbox. Its id is the webhook-id, however often it is sent.

    While it is pending, `next_try_at` is when it is due, or, while somebody sends it, when that is taken for dead.
    `tries` grows with every try that begins; who holds an older number changes nothing.
    """

    class Status(models.TextChoices):
        """Where a delivery stands."""

        PENDING = "pending", _("Waits")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    # None: a ping. Events are never deleted, and nothing is looked up by this alone.
    event = models.ForeignKey(
        RunEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    type = models.CharField(max_length=40)
    body = models.TextField(help_text=_("What is sent, as it is signed."))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    tries = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row; how long the next pause is."))
    next_try_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(help_text=_("When it is given up."))
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        verbose_name_plural = _("deliveries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="told_once_of_each_event"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try_at"], name="deliveries_due", condition=models.Q(status="pending")),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="deliveries_of_endpoint"),
            models.Index(fields=["created_at"], name="deliveries_old"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    @property
    def webhook_id(self) -> str:
        """The same at every try."""
        return f"msg_{self.id.hex}"


class Attempt(models.Model):
    """One try, and what came of it: a status, or why there was none. `excerpt` is the answer's beginning."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    excerpt = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.problem}"
