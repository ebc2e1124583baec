"""What people are told, where it is sent, and how they want it: their choices, their addresses, notes, and the outbox.

A note is one event for one person. It holds no text: what it says is read from the requirement or the run when
somebody looks who may see them. Dispatches are the outbox: a note on its way down one channel.
"""

from collections.abc import Collection, Hashable
from datetime import time as time_of_day
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from hitl_portal import access
from hitl_portal.log_position import LogPosition
from hitl_portal.notifications.kinds import ASKING, Kind
from workflows.ids import new_id
from workflows.models import Requirement, RunEvent, Workflow, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PURPOSE = "notification-address"
PUSH_PURPOSE = "push-key"
CHANNEL_NAME = 20
MORNING = time_of_day(8)


class Choices(models.Model):
    """How one person wants to be told. No row: as it comes.

    `modes` holds what differs from the usual: the mode by kind, by channel. Quiet hours are two times of the day, or
    none. `device_zone` is what the person's device said when they saved this: it counts where they chose no time zone.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    modes = models.JSONField(default=dict, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)
    urgent_through = models.BooleanField(_("let through what is urgent"), default=True)
    digest_at = models.TimeField(_("the daily message comes at"), default=MORNING)
    language = models.CharField(_("language"), max_length=10, blank=True)
    device_zone = models.CharField(max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = _("choices")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return f"of {self.person_id}"

    @classmethod
    def of(cls, person: "User") -> "Choices":
        """A person's, not saved where they never changed anything; one query."""
        return cls.objects.filter(person=person.pk).first() or cls(person=person)


class Mute(models.Model):
    """One person wants to hear nothing of one workflow."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "workflow"], name="one_mute_per_workflow"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.workflow_id}"


class Discretion(models.Model):
    """What messages that leave the portal may say of a workflow's runs, where that is less than the setting says."""

    class Detail(models.TextChoices):
        """From much to little."""

        TITLE = "title", _("The question's first line, with names, the date and a link")
        NAMES = "names", _("Names of workflow, step and person, the date and a link")
        NOTHING = "nothing", _("That there is something, and a link")

    workflow = models.OneToOneField(
        Workflow, on_delete=models.CASCADE, primary_key=True, related_name="discretion"
    )
    detail = models.CharField(max_length=10, choices=Detail.choices, default=Detail.NAMES)

    class Meta:
        verbose_name = _("discretion")
        verbose_name_plural = _("discretion")

    def __str__(self) -> str:
        return f"{self.workflow_id}: {self.detail}"


class Position(LogPosition):
    """How far the log was read for notes."""


class NoteQuerySet(models.QuerySet["Note"]):
    """The named queries of notes."""

    def seen_by(self, person: "User") -> "NoteQuerySet":
        """A person's, of what they (still) may see."""
        requirements = access.visible_requirements(person).order_by().filter(pk=OuterRef("requirement"))
        runs = access.visible_runs(person).order_by().filter(pk=OuterRef("run"))
        seen = Q(Exists(requirements)) | Q(Exists(runs), requirement=None)
        return self.filter(seen, person=person.pk)

    def unread(self) -> "NoteQuerySet":
        """What the bell counts."""
        return self.filter(in_page=True, read_at=None)

    def standing(self, people: "Collection[int]") -> dict[int, Hashable]:
        """What tells whether there is anything else in the pages of these people than before; one query."""
        unread = self.unread().filter(person__in=people).order_by().values("person")
        counted = unread.annotate(number=models.Count("pk"), last=models.Max("created_at"))
        return {row["person"]: (row["number"], row["last"]) for row in counted}


class Note(models.Model):
    """One event that concerns one person. `doer` is the person who did it; `instead_of` names whose deputy the one who
    is told is, where that is why.

    `expires_at` is when silence decides, of what is of high risk: what may break into quiet hours.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    event = models.ForeignKey(RunEvent, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="+")
    requirement = models.ForeignKey(
        Requirement, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    doer = models.CharField(max_length=200, blank=True)
    instead_of = models.CharField(max_length=150, blank=True)
    in_page = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "event"], name="told_once_of_an_event"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-created_at", "-id"], name="notes_of_person"),
            models.Index(
                fields=["person"], name="notes_unread", condition=Q(read_at__isnull=True, in_page=True)
            ),
            models.Index(fields=["created_at"], name="notes_old"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"

    @property
    def asks(self) -> bool:
        """Something is to be done about it."""
        return self.kind in ASKING


class AddressQuerySet(models.QuerySet["Address"]):
    """The named queries of addresses."""

    def there(self) -> "AddressQuerySet":
        """To which something can be sent."""
        return self.filter(gone_at=None)


class Address(models.Model):
    """Where one person can be reached down one channel: what that needs to know is sealed (see `sealing`).

    `mark` tells whether the same was given before, without telling what it is. Of one that is gone (`gone_at`), because
    who was behind it said so, only the log of what was sent there is left.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=CHANNEL_NAME)
    name = models.CharField(_("name"), max_length=100)
    sealed = models.TextField(editable=False)
    mark = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        verbose_name_plural = _("addresses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "channel", "mark"], name="one_address_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.name}"

    def forget(self) -> None:
        """Nobody is there any more."""
        Address.objects.filter(pk=self.pk).update(sealed="", mark=self.pk.hex, gone_at=timezone.now())

    @staticmethod
    def mark_of(text: str) -> str:
        """Its fingerprint; with the key of the portal in it, so that nobody can try out what it is."""
        return salted_hmac(PURPOSE, text, algorithm="sha256").hexdigest()


class Dispatch(models.Model):
    """One note on its way down one channel: the outbox, and the log of what was sent. Without a note: a try-out.

    While it waits, `next_try_at` is when it is due, or, while somebody sends it (`lease` is theirs), when that one is
    taken for dead. Those that are `together` and due at the same time go to one place in one message.
    """

    class Status(models.TextChoices):
        """Where a dispatch stands."""

        PENDING = "pending", _("Waits")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Not sent")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    note = models.ForeignKey(Note, null=True, blank=True, on_delete=models.CASCADE, related_name="dispatches")
    channel = models.CharField(max_length=CHANNEL_NAME)
    address = models.ForeignKey(
        Address, null=True, blank=True, on_delete=models.CASCADE, related_name="dispatches"
    )
    together = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it was not sent."))
    receipt = models.CharField(max_length=300, blank=True, help_text=_("What the channel calls it."))
    lease = models.UUIDField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(help_text=_("When it is given up."))
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        verbose_name_plural = _("dispatches")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["note", "channel"], name="sent_once_down_a_channel", condition=Q(address=None)
            ),
            models.UniqueConstraint(fields=["note", "channel", "address"], name="sent_once_to_an_address"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try_at"], name="dispatches_due", condition=models.Q(status="pending")),
            models.Index(fields=["person", "-created_at", "-id"], name="dispatches_of_person"),
            models.Index(fields=["created_at"], name="dispatches_old"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class VapidKey(models.Model):
    """The key by which browsers know the portal: one row, made once, its private half sealed."""

    sealed = models.TextField(editable=False)
    public = models.CharField(max_length=100, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.public[:12]
