"""Sorting: the orders of the inbox, and the place of an item in one, by which the next page is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce, Least
from django.utils.dateparse import parse_datetime

from workflows.models import Requirement, RequirementQuerySet

# Where nothing is due.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an item stands in an order: what it is sorted by, and its id. In an address: `value~id`."""

    value: datetime | int
    id: UUID

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return f"{value}~{self.id}"

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The place that an address names; None for anything else."""
        value, _mark, key = text.partition("~")
        try:
            known = int(value) if value.isdecimal() and len(value) < 3 else parse_datetime(value)
            return None if known is None or _is_naive(known) else cls(value=known, id=UUID(key))
        except ValueError:
            return None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One way to sort: by `field`, downwards or up, and among equals by age."""

    field: str
    down: bool = False

    def of(self, items: RequirementQuerySet) -> RequirementQuerySet:
        """The items in this order."""
        mark = "-" if self.down else ""
        # The newest of equals goes with the newest, else the longest waiting goes first.
        second = f"{mark}id" if self.field != "priority" else "id"
        return self._known(items).order_by(f"{mark}{self.field}", second)

    def place(self, item: Requirement) -> Place:
        """Where an item stands, whether it was read in this order or not."""
        if self.field == "soonest":
            value: datetime | int = min(at or NEVER for at in (item.due_at, item.timeout_at))
        else:
            value = getattr(item, self.field, None) or item.opened_at
        return Place(value=value, id=item.id)

    def beyond(self, items: RequirementQuerySet, place: Place) -> RequirementQuerySet:
        """What comes after a place; all of it where the place is one of another order."""
        if isinstance(place.value, int) != (self.field == "priority"):
            return items
        return self._known(items).filter(self.is_beyond(place))

    def is_beyond(self, place: Place) -> Q:
        """The condition for that, where the items know what they are sorted by."""
        further = "lt" if self.down else "gt"
        among = "gt" if self.field == "priority" else further
        behind: Mapping[str, Any] = {f"{self.field}__{further}": place.value}
        beside: Mapping[str, Any] = {self.field: place.value, f"id__{among}": place.id}
        return Q(**behind) | Q(**beside)

    def _known(self, items: RequirementQuerySet) -> RequirementQuerySet:
        if self.field == "soonest":
            never = Value(NEVER, output_field=DateTimeField())
            return items.annotate(
                soonest=Least(*(Coalesce(F(name), never) for name in ("due_at", "timeout_at")))
            )
        if self.field == "decided_at":
            # One decision closes a revision: joined, the newest are found by its index, however many there are.
            closed = items.filter(decisions__closes=True, decisions__revision=F("revision"))
            return closed.annotate(decided_at=F("decisions__decided_at"))
        return items


ORDERS = {
    "oldest": Order(field="opened_at"),
    "newest": Order(field="opened_at", down=True),
    "due": Order(field="soonest"),
    "priority": Order(field="priority", down=True),
}
LATEST = Order(field="decided_at", down=True)


def _is_naive(value: datetime | int) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None
