"""Filters: which runs somebody wants to see, in which order; all in the address, so that it can be kept and shared.

What an address says and nobody knows is let pass as if it were not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from hitl_portal.runs.search import found
from workflows.ids import id_in
from workflows.models import Requirement, RunQuerySet, WorkflowRun
from workflows.types import RunStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST = 200
STATUSES = [status for status in RunStatus if status is not RunStatus.regenerated]
SORTS = {"": _("Newest first"), "oldest": _("Oldest first"), "ended": _("Ended last")}
WHO = {"": _("All"), "mine": _("Mine"), "waiting": _("With something open")}


@dataclass(frozen=True, kw_only=True)
class RunFilters:
    """What is wanted; empty texts want nothing. `since` and `until` are days; `asker` is a name, or the source of runs
    that nobody asked for. `compare` is a run that another one is being chosen for."""

    q: str = ""
    status: str = ""
    workflow: str = ""
    who: str = ""
    asker: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    compare: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Self:
        """What an address says."""
        said = {field.name: str(query.get(field.name, ""))[:LONGEST].strip() for field in fields(cls)}
        known = {
            name: text
            for name, text in said.items()
            if text and "\0" not in text and (name not in KNOWN or KNOWN[name](text))
        }
        return cls(**known)

    @property
    def said(self) -> dict[str, str]:
        """What is not as it comes."""
        return {field.name: text for field in fields(self) if (text := getattr(self, field.name))}

    @property
    def query(self) -> str:
        """As the end of an address."""
        return urlencode(self.said)

    @property
    def narrows(self) -> bool:
        """Something is left out."""
        return bool(self.said.keys() - {"sort", "compare"})

    def but(self, **changes: str) -> str:
        """The same with something else, as the end of an address."""
        return replace(self, **changes).query

    def applied(self, runs: RunQuerySet, person: "User") -> RunQuerySet:
        """The runs that are wanted."""
        for name, text in self.said.items():
            if name in CONDITIONS:
                runs = runs.filter(CONDITIONS[name](text, person))
        return runs


@dataclass(frozen=True, kw_only=True)
class Order:
    """One way to sort: by `field`, downwards or up, and among equals by id."""

    field: str
    down: bool = True

    def page(self, runs: RunQuerySet, after: str, size: int) -> tuple[list[WorkflowRun], str]:
        """A page of them, and what the next one comes after; empty where it is the last."""
        place = _place(after)
        if place:
            runs = runs.filter(self._beyond(*place))
        mark = "-" if self.down else ""
        found = list(runs.order_by(f"{mark}{self.field}", f"{mark}id")[: size + 1])
        if len(found) <= size:
            return found, ""
        last = found[size - 1]
        return found[:size], f"{getattr(last, self.field).isoformat()}~{last.id}"

    def _beyond(self, at: datetime, key: UUID) -> Q:
        further = "lt" if self.down else "gt"
        behind: Mapping[str, Any] = {f"{self.field}__{further}": at}
        beside: Mapping[str, Any] = {self.field: at, f"id__{further}": key}
        # The first half alone bounds where the index is read.
        bound: Mapping[str, Any] = {f"{self.field}__{further}e": at}
        return Q(**bound) & (Q(**behind) | Q(**beside))


ORDERS = {
    "": Order(field="created_at"),
    "oldest": Order(field="created_at", down=False),
    "ended": Order(field="finished_at"),
}


def _place(text: str) -> tuple[datetime, UUID] | None:
    at, _mark, key = text.partition("~")
    try:
        known = parse_datetime(at)
        return (known, UUID(key)) if known is not None and known.tzinfo else None
    except ValueError:
        return None


def _who(text: str, person: "User") -> Q:
    if text == "mine":
        return Q(requested_by=person.pk)
    return Q(pk__in=Requirement.objects.open().values("run"))


def _day(text: str, *, later: int = 0) -> datetime:
    """The moment when a day begins where the viewer is, or so many days later."""
    day = parse_date(text)
    assert day is not None
    return datetime.combine(day + timedelta(days=later), time(), get_current_timezone()).astimezone(UTC)


def _is_day(text: str) -> bool:
    try:
        day = parse_date(text)
    except ValueError:
        return False
    return day is not None and 1970 <= day.year < 9000


KNOWN: dict[str, Callable[[str], bool]] = {
    "status": lambda text: text in STATUSES,
    "who": lambda text: text in WHO,
    "sort": lambda text: text in SORTS,
    "since": _is_day,
    "until": _is_day,
    "compare": lambda text: id_in(text) is not None,
}
CONDITIONS: dict[str, Callable[[str, "User"], Q]] = {
    "q": lambda text, _person: found(text),
    "status": lambda text, _person: Q(status=text),
    "workflow": lambda text, _person: Q(workflow__name=text),
    "who": _who,
    "asker": lambda text, _person: Q(requested_by__username=text) | Q(requested_by=None, source=text),
    "since": lambda text, _person: Q(created_at__gte=_day(text)),
    "until": lambda text, _person: Q(created_at__lt=_day(text, later=1)),
    "sort": lambda text, _person: Q(finished_at__isnull=False) if text == "ended" else Q(),
}
