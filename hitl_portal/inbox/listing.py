"""Listing: one page of the inbox as its list shows it: the tabs and saved views with their counts, and the items."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from hitl_portal.counting import counted
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.filters import SHOWN, SORTS, WHO, Filters
from hitl_portal.inbox.models import SavedView
from hitl_portal.inbox.sorting import Place
from workflows import policy
from workflows.models import Requirement

PAGE_SIZE = 40  # with the longest words of the longest language, the page stays under 40 kB
MOST_VIEWS = 12
TABS = (Filters(), Filters(who="mine"), Filters(who="free"), Filters(show="snoozed"), Filters(show="decided"))


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A way to a part of the inbox. `count` is None where nothing is counted; `of` is who shares it."""

    name: Any
    query: str
    count: int | None
    is_here: bool
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One item of the list, and what this person may do with it."""

    requirement: Requirement
    may_decide: bool
    is_mine: bool
    holder: str
    snoozed_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of the list. `waiting` is all that waits for the person, whatever they look at; `count` what they do."""

    filters: Filters
    rows: list[Row]
    tabs: list[Tab]
    views: list[Tab]
    waiting: int
    count: int | None
    next: str
    is_first: bool

    @property
    def decides(self) -> bool:
        """Something in it is this person's to decide."""
        return any(row.may_decide for row in self.rows)

    @property
    def order(self) -> Any:
        """How it is sorted, in words."""
        return _("Decided last") if self.filters.is_decided else SORTS[self.filters.sort]

    @property
    def wishes(self) -> list[dict[str, Any]]:
        """Each wish in words, and the address without it."""
        return [{"text": text, "without": self.filters.without(name)} for name, text in self.filters.wishes()]

    @property
    def kept_while_searching(self) -> list[tuple[str, str]]:
        """What the search form sends besides its words."""
        return parse_qsl(self.filters.without("q"))

    @property
    def is_kept(self) -> bool:
        """It has a tab or saved view of its own."""
        return any(tab.is_here for tab in (*self.tabs, *self.views))


def listing_of(desk: Desk, after: str = "") -> Listing:
    """A page of what the desk's person wants; three queries, however many items and views there are."""
    views = list(SavedView.objects.offered_to(desk.person)[:MOST_VIEWS])
    kept = [Filters.of(_read(view.query)) for view in views]
    counts = _counts(desk, [*TABS, *kept, desk.filters])
    rows, rest = _page(desk, Place.of(after))
    last = desk.filters.order.place(rows[-1].requirement) if rest else None
    return Listing(
        filters=desk.filters,
        rows=rows,
        tabs=_tabs(desk.filters, counts),
        views=[
            _tab(desk, view, wish, count)
            for view, wish, count in zip(views, kept, counts[len(TABS) :], strict=False)
        ],
        waiting=counts[0] or 0,
        count=counts[-1],
        next=_query(desk.filters, last) if last else "",
        is_first=Place.of(after) is None,
    )


def _counts(desk: Desk, wishes: list[Filters]) -> list[int | None]:
    """How many items each has, in one query; None for what was decided, which nobody has to get through."""
    visible = desk.visible.open()
    waiting = [
        visible.filter(wish.conditions(desk.person, desk.now)) for wish in wishes if not wish.is_decided
    ]
    counts = iter(counted(desk.person, waiting))
    return [None if wish.is_decided else next(counts) for wish in wishes]


def _page(desk: Desk, after: Place | None) -> tuple[list[Row], bool]:
    """The rows, and whether there are more."""
    order, items = desk.filters.order, desk.listed()
    if after is not None:
        items = order.beyond(items, after)
    if desk.filters.is_decided:
        items = items.prefetch_related("decisions")
    if desk.filters.show == "snoozed":
        items = desk.until(items)
    found = list(order.of(items)[: PAGE_SIZE + 1])
    return [_row(desk, item) for item in found[:PAGE_SIZE]], len(found) > PAGE_SIZE


def _row(desk: Desk, item: Requirement) -> Row:
    holder = item.holder(desk.now) if item.is_open else None
    return Row(
        requirement=item,
        may_decide=item.is_open and policy.may_decide(desk.person, item),
        is_mine=holder == desk.person,
        holder=holder.get_username() if holder else "",
        snoozed_until=getattr(item, "snoozed_until", None),
    )


def _tabs(filters: Filters, counts: list[int | None]) -> list[Tab]:
    tabs = [
        Tab(name=_tab_name(tab), query=tab.query, count=count, is_here=tab == filters)
        for tab, count in zip(TABS, counts, strict=False)
    ]
    # What is empty and only sometimes used takes no room.
    return [tab for tab in tabs if tab.count != 0 or tab.is_here or tab.query != "show=snoozed"]


def _tab_name(tab: Filters) -> Any:
    if tab == Filters():
        return _("All")
    return WHO[tab.who] if tab.who else SHOWN[tab.show]


def _tab(desk: Desk, view: SavedView, wish: Filters, count: int | None) -> Tab:
    of = "" if view.owner_id == desk.person.pk else view.owner.get_username()
    return Tab(name=view.name, query=wish.query, count=count, is_here=wish == desk.filters, of=of)


def _query(filters: Filters, after: Place) -> str:
    return "&".join(part for part in (filters.query, urlencode({"after": str(after)})) if part)


def _read(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))
