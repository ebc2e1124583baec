"""Showing: the inbox's page, with a list, with a card, or with both; as a whole, or the part that htmx swaps."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render

from hitl_portal.inbox.address import located, open_card, query_of, suffix
from hitl_portal.inbox.bar import bar_of
from hitl_portal.inbox.cards import Card, card_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.held import held
from hitl_portal.inbox.listing import listing_of
from workflows.models import Requirement

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


def show_list(request: "PageRequest", desk: Desk) -> HttpResponse:
    """The list, and beside it that nothing is open."""
    return render(
        request,
        "inbox/inbox.html",
        listed(request, desk)
        | {"held": held(request), "current": open_card(request) if request.htmx else None},
    )


def listed(request: "PageRequest", desk: Desk) -> dict[str, Any]:
    """What the list's templates need."""
    listing = listing_of(desk, query_of(request).get("after", ""))
    return {"listing": listing, "count": listing.waiting, "query": suffix(request)}


def show_card(
    request: "PageRequest", desk: Desk, card: Card, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    """A card. The list beside it is fetched by the page itself: that keeps both quick."""
    response = render(request, "inbox/inbox.html", framed(request, desk, card, problem), status=status)
    return located(request, response) if request.method == "GET" else response


def framed(request: "PageRequest", desk: Desk, card: Card, problem: str = "") -> dict[str, Any]:
    """What the card's templates need, and those of the bar above it."""
    bar, bars = bar_of(card.requirement, desk, problem), held(request)
    if bar.held and any(one.decision == bar.held.decision for one in bars):
        bar = replace(bar, held=None)  # once is enough
    current = card.requirement.id
    return {"card": card, "bar": bar, "held": bars, "current": current, "query": suffix(request)}


def show_problem(
    request: "PageRequest", desk: Desk, requirement: Requirement, problem: str, *, status: int = 409
) -> HttpResponse:
    """The card as it stands now, and above it why something could not be done."""
    fresh = desk.find(requirement.id)
    return show_card(request, desk, card_of(fresh, desk), status=status, problem=problem)
