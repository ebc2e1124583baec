"""Workflow and Session: what is known of a definition, and what several of its runs share."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.ids import new_id
from workflows.models.choices import NAME, Priority, refuse_policy


class Workflow(models.Model):
    """A registered definition. Its code lives in a worker or script; this row is what everybody else knows of it.

    `outline` is the tree as data (see `engine.plan.outline`), so that pages draw it without the code.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(max_length=NAME, unique=True, allow_unicode=True)
    title = models.CharField(max_length=NAME)
    description = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    outline = models.JSONField()
    input_schema = models.JSONField(
        null=True, editable=False, help_text=_("What its input is, where its author says so: a JSON schema.")
    )
    enabled = models.BooleanField(default=True, help_text=_("Whether new runs may be started."))
    policy = models.JSONField(
        default=dict,
        blank=True,
        validators=[refuse_policy],
        help_text=_(
            "Who decides and by when, where a step says nothing: a JSON object with the fields of a review"
            " policy. Counts for what is asked from now on."
        ),
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices,
        default=Priority.NORMAL.value,
        help_text=_("Which runs workers take first, where the start of one says nothing."),
    )
    max_running = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many of its runs are driven at once; empty: as many as there are workers for."),
    )
    max_per_key = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many runs with the same queue key, of this workflow or another, are driven at once when one of"
            " this workflow is taken; empty: no limit."
        ),
    )
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title"]

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """What several runs of one workflow share: `state`, saved by compare-and-set on `version`."""

    id = models.CharField(primary_key=True, max_length=NAME, default=new_id)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="sessions")
    state = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.id
