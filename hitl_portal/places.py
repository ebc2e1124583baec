"""A workflow's tree as pages draw it: the registered outline, joined with what has happened at each place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.models import Requirement, StepRecord


@dataclass(kw_only=True)
class Place:
    """One node of the tree. `records` are what happened there, one for each round around it, oldest first."""

    name: str
    kind: str
    path: str
    children: list["Place"]
    records: list[StepRecord] = field(default_factory=list)
    waiting: list[Requirement] = field(default_factory=list)
    is_current: bool = False

    @property
    def record(self) -> StepRecord | None:
        """The newest of its records."""
        return self.records[-1] if self.records else None

    @property
    def state(self) -> str:
        """One word for its icon: a record's status, or "ahead" where the run has not been."""
        if self.waiting or self.is_current:
            return "waiting"
        return str(self.record.status) if self.record else "ahead"


def find(places: Mapping[str, Place], path: str) -> Place | None:
    """Where a record's path is in the outline, which knows no rounds: `refine/3/draft` is at `refine/draft`."""
    return places.get(path) or places.get("/".join(part for part in path.split("/") if not part.isdigit()))


def draw(
    outline: dict[str, Any],
    *,
    records: Iterable[StepRecord] = (),
    waiting: Iterable[Requirement] = (),
    current: str | None = None,
) -> list[Place]:
    """The places below the root, in order."""
    places: dict[str, Place] = {}
    top = [_place(node, places) for node in outline.get("children", ())]
    for record in records:
        if place := find(places, record.path):
            place.records.append(record)
    for requirement in waiting:
        if place := find(places, requirement.path):
            place.waiting.append(requirement)
    if current is not None and (place := find(places, current)):
        place.is_current = True
    return top


def _place(node: dict[str, Any], places: dict[str, Place]) -> Place:
    place = Place(
        name=node["name"],
        kind=node["kind"],
        path=node["path"],
        children=[_place(child, places) for child in node.get("children", ())],
    )
    places[place.path] = place
    return place
