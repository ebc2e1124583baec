"""Scope: whose numbers, of which workflow, of which days. It is what the address of the page says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils import timezone

from workflows.models import Requirement, RequirementQuerySet, Workflow, WorkflowRun

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PERIODS = (7, 30, 90, 365)
USUAL = 30


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is counted: of what `person` may see, that of `workflow` (None: all of it), in the last `days`.

    A period begins at a midnight of the current time zone and has today in it.
    """

    person: "User"
    workflow: Workflow | None
    days: int
    now: datetime

    @classmethod
    def of(cls, person: "User", asked: Mapping[str, str], choices: list[Workflow]) -> "Scope":
        """What a query string asks for; what cannot be read is as if it were not there."""
        named = next((one for one in choices if one.name == asked.get("workflow")), None)
        days = next((days for days in PERIODS if str(days) == asked.get("days")), USUAL)
        return cls(person=person, workflow=named, days=days, now=timezone.now())

    @property
    def requirements(self) -> RequirementQuerySet:
        """What this person may see of it, in no order."""
        seen = Requirement.objects.visible(self.person).order_by()
        return seen.filter(run__workflow=self.workflow) if self.workflow else seen

    @property
    def dates(self) -> list[date]:
        """The days, the oldest first."""
        today = timezone.localdate(self.now)
        return [today - timedelta(days=back) for back in range(self.days - 1, -1, -1)]

    @property
    def since(self) -> datetime:
        """When the first day begins."""
        first = self.dates[0]
        return timezone.make_aware(datetime(first.year, first.month, first.day))  # noqa: DTZ001

    @property
    def query(self) -> str:
        """Itself as a query string."""
        asked = {"workflow": self.workflow.name} if self.workflow else {}
        return urlencode(asked | {"days": str(self.days)})


def workflows_seen(person: "User") -> list[Workflow]:
    """The workflows of which this person may see a run; one query."""
    seen = WorkflowRun.objects.visible(person).order_by().values("workflow")
    return list(Workflow.objects.filter(id__in=seen).only("name", "title"))
