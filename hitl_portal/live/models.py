"""Presence: who looks at which requirement right now, or writes about it; a row for each open page, and no history."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models import Requirement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# A page whose server has died without a word counts as open for so long. Others are gone as soon as they close.
STILL_HERE = timedelta(seconds=60)


class PresenceQuerySet(models.QuerySet["Presence"]):
    """The named queries of who is here."""

    def here(self, now: datetime) -> "PresenceQuerySet":
        """Whose pages are open."""
        return self.filter(seen_at__gt=now - STILL_HERE)

    def others(self, requirement_id: UUID, person: "User", now: datetime) -> "PresenceQuerySet":
        """Who else looks at it, each with their pages one after the other."""
        others = self.here(now).filter(requirement=requirement_id).exclude(person=person.pk)
        return others.select_related("person").order_by("person__username", "-is_writing")


class Presence(models.Model):
    """One open page that shows a requirement to a person. Gone with its websocket; nobody needs it later."""

    socket = models.UUIDField(primary_key=True, editable=False)
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField(db_index=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        ordering: ClassVar[list[str]] = ["socket"]

    def __str__(self) -> str:
        return f"{self.person_id} looks at {self.requirement_id}"
