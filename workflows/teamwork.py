"""Teamwork: what people say to each other about a run or a requirement, and what they want to see later."""

import hashlib
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from workflows.ids import new_id

SALT = 32


class Comment(models.Model):
    """What somebody said about a run, or about one requirement in it.

    The log only has a digest of `salt` and `text`: both can be erased, and the log stays whole (decision 18).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey("workflows.WorkflowRun", on_delete=models.CASCADE, related_name="comments")
    requirement = models.ForeignKey(
        "workflows.Requirement", null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()
    salt = models.CharField(max_length=SALT, editable=False)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="mentioned_in")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "created_at"], name="comment_of_run"),
            models.Index(fields=["requirement", "created_at"], name="comment_of_requirement"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


def digest(comment: Comment) -> str:
    """What the log has of a comment; another one once it is erased."""
    return hashlib.sha256(f"{comment.salt}\n{comment.text}".encode()).hexdigest()


class SnoozeQuerySet(models.QuerySet["Snooze"]):
    """The named queries of what was put off."""

    def asleep(self, now: datetime) -> "SnoozeQuerySet":
        """What its person does not want to see yet."""
        return self.filter(until__gt=now)


class Snooze(models.Model):
    """One person does not want to see one requirement until a moment. Nobody else's business, and no event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requirement = models.ForeignKey("workflows.Requirement", on_delete=models.CASCADE, related_name="snoozes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes")
    until = models.DateTimeField()

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "requirement"], name="one_snooze_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.until:%Y-%m-%d %H:%M}"
