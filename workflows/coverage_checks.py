"""CoverageCheck: what was found when somebody looked for what can never be decided. It says nothing about now."""

from typing import ClassVar

from django.db import models


class CoverageCheck(models.Model):
    """One look by the sweep: how much was found, and the first of it. The last ones are kept."""

    id = models.BigAutoField(primary_key=True)
    checked_at = models.DateTimeField(db_index=True)
    found = models.PositiveIntegerField(help_text="How many things could not be decided.")
    lines = models.JSONField(default=list, blank=True, help_text="The first of them, one a line.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-checked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.found}"
