"""Revisions: the times that the same thing was asked in a run, what people said each time, and what changed since.

After a request for changes the engine asks anew: a step's output at the same path, a loop's at the next iteration, a
tool that a model wants to use after a no in a later turn. Each time is a requirement of its own; together they are a
series.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db.models import Count, Q, Window, prefetch_related_objects
from django.http import Http404

from hitl_portal.differences import Difference, difference
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.subject import REVIEWS
from hitl_portal.inbox.tool_use import TURN
from workflows.models import Decision, Requirement, RequirementQuerySet
from workflows.types import Action, RequirementKind

MOST_SHOWN = 20
ROW = ("run", "path", "key", "kind", "status", "revision", "opened_at", "release_at")
NEWEST_FIRST = ("-opened_at", "-id")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One of the times; `number` counts them from one. What it was about is not fetched: see `content_of`."""

    number: int
    requirement: Requirement
    is_newest: bool

    @property
    def said(self) -> list[Decision]:
        """What people answered, oldest first; also what was taken back."""
        return list(self.requirement.decisions.all())

    @property
    def decision(self) -> Decision | None:
        """The answer that counts."""
        return self.requirement.decision


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """The series as a card shows it: the `newest` revisions first, `earlier` more before them; `shown` is the one that
    the card is about, `before` the requirement that it followed."""

    newest: tuple[Revision, ...]
    earlier: int
    shown: Revision
    before: Requirement | None

    @classmethod
    def of(cls, requirement: Requirement, desk: Desk) -> Self | None:
        """Up to three queries, none where nothing can have come before; None where it was asked this once."""
        if _is_surely_alone(requirement):
            return None
        series = _Series(requirement, desk)
        if len(series.rows) < 2 and requirement.revision == 1:
            return None
        newest = tuple(series.revisions())
        shown = next((one for one in newest if one.requirement.id == requirement.id), None)
        shown = shown or Revision(number=_number(requirement), requirement=requirement, is_newest=False)
        before = series.before(requirement) if shown.number > 1 else None
        told = [*series.rows, requirement, *([before] if before else ())]
        prefetch_related_objects(told, "decisions")
        return cls(newest=newest, earlier=newest[-1].number - 1, shown=shown, before=before)

    @property
    def is_past(self) -> bool:
        """The card is about one that others have followed."""
        return not self.shown.is_newest

    @property
    def address_of(self) -> Any:
        """The id of the newest one: its address shows each."""
        return self.newest[0].requirement.id

    @property
    def pinned(self) -> Decision | None:
        """What was said to the one before, which led to this one."""
        return self.before.decision if self.before else None

    @cached_property
    def changes(self) -> Difference | None:
        """What is not as it was the time before."""
        if self.before is None:
            return None
        return difference(content_of(self.before), content_of(self.shown.requirement))


def revision_at(desk: Desk, requirement: Requirement, wanted: str) -> Requirement:
    """The revision with a number, of the series of this requirement; itself where none is wanted, or 404."""
    if not wanted:
        return requirement
    if not wanted.isdecimal() or len(wanted) > 6:
        raise Http404
    number = int(wanted)
    return requirement if number == _number(requirement) else _Series(requirement, desk).at(number)


def content_of(requirement: Requirement) -> Any:
    """What a person was to look at: an output, the arguments of a tool; of other questions, all of the question."""
    details = requirement.details
    if details.get("tool"):
        return details["tool"].get("args") or {}
    shown = requirement.evidence.plain() if requirement.evidence else None
    content = shown.get("content", shown) if isinstance(shown, dict) else shown
    if requirement.kind in REVIEWS:
        return "" if content is None else content
    asked = {
        "question": requirement.message,
        "about": content,
        "fields": {field["name"]: field.get("value") for field in details.get("fields") or ()},
        "choices": [choice["name"] for choice in details.get("choices") or ()],
        "proposal": list(details.get("proposal") or ()),
    }
    return {name: value for name, value in asked.items() if value}


class _Series:
    """The requirements that a person may see which ask the same thing."""

    def __init__(self, requirement: Requirement, desk: Desk) -> None:
        self.desk, self.is_of_tool = desk, bool(requirement.details.get("tool"))
        same = desk.visible.filter(_asks_the_same(requirement), run=requirement.run_id, kind=requirement.kind)
        self.same: RequirementQuerySet = same.order_by(*NEWEST_FIRST)
        self.requirement = requirement

    @cached_property
    def listed(self) -> list[Requirement]:
        """The newest, with the number of all as `total`; one query."""
        listed = self.same.select_related(None).only(*ROW)
        return list(listed.annotate(total=Window(Count("id")))[:MOST_SHOWN])

    @cached_property
    def rows(self) -> list[Requirement]:
        """The newest, the card's own as a whole. Those of a tool only as far as each came after a no; a query more."""
        own = self.requirement
        rows = [own if row.id == own.id else row for row in self.listed]
        return _chain(rows, own) if self.is_of_tool else rows

    def revisions(self) -> list[Revision]:
        """The newest, each with its number."""
        total = len(self.rows) if self.is_of_tool else getattr(self.listed[0], "total", 0)
        return [
            Revision(number=total - place, requirement=row, is_newest=place == 0)
            for place, row in enumerate(self.rows)
        ]

    def before(self, requirement: Requirement) -> Requirement | None:
        """The one that it followed, with its evidence; one query."""
        ids = [row.id for row in self.rows]
        older = ids[ids.index(requirement.id) + 1 :][:1] if requirement.id in ids else []
        full = self.same.select_related(None).select_related("evidence")
        if older:
            return full.get(id=older[0])
        is_older = Q(opened_at__lt=requirement.opened_at)
        return None if self.is_of_tool else full.filter(is_older).first()

    def at(self, number: int) -> Requirement:
        """The one with a number, or 404; one query, of a tool three."""
        if self.is_of_tool:
            known = [one.requirement.id for one in self.revisions() if one.number == number]
            found = [self.desk.find(requirement_id) for requirement_id in known]
        else:
            place = max(0, number - 1)
            found = list(self.same.select_related("evidence").reverse()[place:number])
        if not found:
            raise Http404
        return found[0]


def _asks_the_same(requirement: Requirement) -> Q:
    parent, _slash, last = requirement.path.rpartition("/")
    if requirement.kind == RequirementKind.iteration_review:
        return Q(path__regex=rf"^{re.escape(parent)}/[0-9]+$")
    place = TURN.match(requirement.path) if requirement.details.get("tool") else None
    if place is not None:
        tool = re.escape(last.partition(":")[2])
        return Q(path__regex=rf"^{re.escape(place['agent'])}/[0-9]+\.[0-9]+:{tool}$")
    return Q(path=requirement.path)


def _is_surely_alone(requirement: Requirement) -> bool:
    """Nothing can have come before it, and nothing after it."""
    if requirement.kind == RequirementKind.error:
        return True
    if requirement.details.get("tool"):
        place = TURN.match(requirement.path)
        is_first = place is None or place["turn"] == "0"
    else:
        is_first = _number(requirement) == 1
    return requirement.is_open and requirement.revision == 1 and is_first


def _number(requirement: Requirement) -> int:
    return int(requirement.details.get("retry_count") or 0) + 1


def _chain(rows: Sequence[Requirement], requirement: Requirement) -> list[Requirement]:
    """The uses of a tool around this one that each came, a turn or more later, after a no."""
    here = _turn(requirement)
    rows = [row for row in rows if row is requirement or _turn(row) != here]
    if len(rows) < 2 or requirement not in rows:
        return [requirement]
    prefetch_related_objects(rows, "decisions")
    first = last = rows.index(requirement)
    while last + 1 < len(rows) and _was_rejected(rows[last + 1]):
        last += 1
    while first > 0 and _was_rejected(rows[first]):
        first -= 1
    return list(rows[first : last + 1])


def _turn(requirement: Requirement) -> int:
    place = TURN.match(requirement.path)
    return int(place["turn"]) if place else 0


def _was_rejected(requirement: Requirement) -> bool:
    decision = requirement.decision
    return decision is not None and decision.action == Action.reject
