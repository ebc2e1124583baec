"""Which comments that mention somebody they have read: a row for each, made when it is in their sight."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hitl_portal import access
from workflows.models import Comment

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from django.contrib.auth.models import User


class ReadMention(models.Model):
    """One person has seen one comment that mentions them. Nobody else's business, and no event."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reads")
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "comment"], name="one_reading_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} has read {self.comment_id}"


def mentions_of(person: "User") -> QuerySet[Comment]:
    """The comments that mention somebody and are about what they (still) may see, the newest first."""
    requirements = access.visible_requirements(person).order_by().filter(pk=OuterRef("requirement"))
    runs = access.visible_runs(person).order_by().filter(pk=OuterRef("run"))
    seen = Q(Exists(requirements)) | Q(Exists(runs), requirement=None)
    return Comment.objects.filter(seen, mentions=person.pk, erased_at=None).order_by("-created_at", "-id")


def unread_by(person: "User") -> QuerySet[Comment]:
    """Those of them that they have not read."""
    return mentions_of(person).exclude(pk__in=ReadMention.objects.filter(person=person.pk).values("comment"))


def read(person: "User", comments: "Collection[UUID] | None" = None) -> None:
    """Note that these were read; without any, all."""
    unread = unread_by(person)
    wanted = unread if comments is None else unread.filter(pk__in=comments)
    rows = [ReadMention(person=person, comment=comment, read_at=timezone.now()) for comment in wanted]
    ReadMention.objects.bulk_create(rows, ignore_conflicts=True)
