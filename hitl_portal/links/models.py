"""An answer link as it is kept: whom it is for, about what, until when; of its token only a digest."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from workflows.ids import new_id
from workflows.models import Decision, Requirement

if TYPE_CHECKING:
    from datetime import datetime

DIGEST = 64


class AnswerLinkQuerySet(models.QuerySet["AnswerLink"]):
    """The named queries of links."""

    def whole(self) -> "AnswerLinkQuerySet":
        """With everything that says whether they still count."""
        return self.select_related(
            "person", "decision", "requirement__evidence", "requirement__assignee"
        ).select_related("requirement__run__workflow", "requirement__run__requested_by")

    def over(self, moment: "datetime") -> "AnswerLinkQuerySet":
        """Those that could be opened no more at a moment, whatever became of them."""
        return self.filter(expires_at__lt=moment)


class AnswerLink(models.Model):
    """By it one person answers one revision of one requirement, once. `decision` is the answer that has used it up.

    Whether it still counts is derived of what it is about: see `standing`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=DIGEST, unique=True, editable=False)
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="answer_links")
    revision = models.PositiveIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="answer_links"
    )
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    decision = models.OneToOneField(
        Decision, null=True, blank=True, on_delete=models.CASCADE, related_name="answer_link"
    )

    objects = AnswerLinkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-issued_at", "-id"]

    def __str__(self) -> str:
        return f"{self.person_id} about {self.requirement_id}"
