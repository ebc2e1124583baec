"""What the models share: lengths of columns, and closed sets as Django's choices."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from workflows.types import ReviewPolicy

NAME = 200
PATH = 1000
DIGEST = 64


def choices_of(members: Any) -> list[tuple[str, str]]:
    """Django's choices for a string enum."""
    return [(str(member.value), str(member.value).replace("_", " ").capitalize()) for member in members]


def refuse_policy(data: Any) -> None:
    """A validator: what an admin has written must be a policy (see `types.ReviewPolicy`)."""
    try:
        ReviewPolicy.from_dict(data)
    except (TypeError, AttributeError, ValueError) as wrong:
        raise ValidationError(str(wrong)) from None


class Priority(models.IntegerChoices):
    """How urgent something is: what people see first, what workers take first."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4
