"""What a step or a tool gave, as a run's page shows it: whole where it is short, else with a page of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Length

from hitl_portal.evidence.exhibits import Exhibit
from hitl_portal.places import Place
from workflows.models import Value, WorkflowRun

MOST_CHARACTERS = 20_000  # of one output on the page; a longer one has a page of its own


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a step gave: an `exhibit` where it is short enough for the page. `size` is in characters."""

    id: UUID
    size: int
    exhibit: Exhibit | None

    @classmethod
    def of(cls, value_id: UUID, size: int, data: str | None, slot: str = "") -> Self:
        """Of what `short_data` has read."""
        shown = Exhibit.of(Value(id=value_id, slot=slot, data=data)) if data is not None else None
        return cls(id=value_id, size=size, exhibit=shown)

    @property
    def is_here(self) -> bool:
        """Short enough for the page."""
        return self.exhibit is not None

    @property
    def error(self) -> str:
        """What went wrong, where a failed output says so."""
        return self.exhibit.error if self.exhibit else ""

    @property
    def content(self) -> Any:
        """What people want to see of it."""
        return self.exhibit.content if self.exhibit else None


def outputs_of(run: WorkflowRun, places: Iterable[Place]) -> dict[UUID, Output]:
    """What these places gave, by id; one query."""
    ids = [place.record.output_id for place in places if place.record and not place.children]
    rows = short_data(run.values.filter(id__in=[key for key in ids if key]))
    return {row.id: Output.of(row.id, row.size, row.text, row.slot) for row in rows}


def whole(value: Value) -> Output:
    """A whole output, however long."""
    return Output.of(value.id, len(value.data), value.data, value.slot)


def short_data(values: QuerySet[Value], most: int = MOST_CHARACTERS, *, always: Q | None = None) -> Any:
    """The values with their `size`, and `text` instead of the data: None where that is longer than `most`, unless
    it is `always` wanted."""
    is_short = Q(size__lte=most) if always is None else Q(size__lte=most) | always
    sized = values.annotate(size=Length("data"))
    return sized.annotate(text=Case(When(is_short, then=F("data")), default=None)).defer("data")
