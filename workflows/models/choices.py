"""What the models share: lengths of columns, and closed sets as Django's choices."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from workflows.types import ReviewPolicy

NAME = 200
PATH = 1000
DIGEST = 64

# What the members of the engine's closed sets are called, for whoever translates: the engine itself has no language.
MEMBERS = (
    gettext_noop("Confirmation"),
    gettext_noop("User input"),
    gettext_noop("Route"),
    gettext_noop("Output review"),
    gettext_noop("Iteration review"),
    gettext_noop("Error"),
    gettext_noop("Tool confirmation"),
    gettext_noop("Tool input"),
    gettext_noop("External execution"),
    gettext_noop("Feedback"),
    gettext_noop("Approve"),
    gettext_noop("Reject"),
    gettext_noop("Edit"),
    gettext_noop("Retry"),
    gettext_noop("Skip"),
    gettext_noop("Cancel"),
    gettext_noop("Pending"),
    gettext_noop("Running"),
    gettext_noop("Paused"),
    gettext_noop("Completed"),
    gettext_noop("Cancelled"),
    gettext_noop("Regenerated"),
    gettext_noop("Definition changed"),
    gettext_noop("Function"),
    gettext_noop("Step"),
    gettext_noop("Steps"),
    gettext_noop("Loop"),
    gettext_noop("Parallel"),
    gettext_noop("Condition"),
    gettext_noop("Router"),
    gettext_noop("Workflow"),
    gettext_noop("Agent"),
    gettext_noop("Team"),
    gettext_noop("Tool"),
    gettext_noop("Waiting"),
    gettext_noop("Failed"),
    gettext_noop("Skipped"),
)


def choices_of(members: Any) -> list[tuple[str, Any]]:
    """Django's choices for a string enum, each called by its value in words."""
    return [(value, _(value.replace("_", " ").capitalize())) for value in map(str, members)]


def refuse_policy(data: Any) -> None:
    """A validator: what an admin has written must be a policy (see `types.ReviewPolicy`)."""
    try:
        ReviewPolicy.from_dict(data)
    except (TypeError, AttributeError, ValueError) as wrong:
        raise ValidationError(str(wrong)) from None


class Priority(models.IntegerChoices):
    """How urgent something is: what people see first, what workers take first."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")
