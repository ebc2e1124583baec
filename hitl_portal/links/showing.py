"""Showing: the card behind a link, or why there is none; as pages from which nothing else of the portal is reached."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from hitl_portal import access
from hitl_portal.fields.people import PersonField
from hitl_portal.inbox.cards import Card, card_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.held import held_here
from hitl_portal.links.models import AnswerLink
from hitl_portal.links.opened import Opened
from hitl_portal.links.standing import Why
from workflows.models import Decision

GONE, FORBIDDEN, TOO_MANY = 410, 403, 429


def show_card(
    request: HttpRequest,
    opened: Opened,
    form: DecisionForm | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The card as its person sees it in the inbox, and nothing beside it."""
    card = _card(opened.link, form)
    more = {"card": card, "problem": problem, "preview_by_link": opened.address("preview")}
    return _shown(request, "links/card.html", opened, status, **more, asked_by_link=opened.address("asked"))


def show_over(
    request: HttpRequest, why: Why, opened: Opened | None = None, *, status: int = GONE
) -> HttpResponse:
    """Why a link does not count, who has decided where its person may see that, and the way to sign in."""
    link = opened.link if opened else None
    if why is Why.USED and link and _is_undone(link.decision) and not link.requirement.is_open:
        why = Why.DECIDED  # taken back, and decided anew by another way
    if why is Why.USED and link and not link.person.is_active:
        why = Why.NOT_THEIRS  # a closed account is told nothing more
    own = link.decision if link and why is Why.USED else None
    decision = own or (link.requirement.decision if link and _may_see(link) else None)
    held = held_here(link.requirement, link.person_id) if link and own and not _is_undone(own) else None
    more = {"why": why.name, "decision": decision, "held": held, "undone": _is_undone(own)}
    return _shown(request, "links/over.html", opened, status, **more, sign_in=_sign_in(link))


def show_other_person(request: HttpRequest, opened: Opened) -> HttpResponse:
    """That it is for somebody else than who is signed in: they sign out, or go on as themselves."""
    requirement = opened.link.requirement
    signed_in = request.user
    assert signed_in.is_authenticated
    sees = access.visible_requirements(signed_in).filter(pk=requirement.pk).exists()
    more = {"signed_in": signed_in, "own": reverse("inbox:detail", args=[requirement.pk]) if sees else ""}
    return _shown(request, "links/other_person.html", opened, FORBIDDEN, **more)


def show_flooded(request: HttpRequest) -> HttpResponse:
    """That too many wrong tokens came from there."""
    response = _shown(request, "links/flooded.html", None, TOO_MANY)
    response.headers["Retry-After"] = "60"
    return response


def beside_card(opened: Opened) -> dict[str, Any]:
    """What the templates need for pages that lead nowhere but back."""
    return {
        "opened": opened,
        "link_token": opened.token,
        "user": AnonymousUser(),  # no bar of the portal's, also for who is signed in
        "messages": (),  # they stay for who they are for
    }


def _card(link: AnswerLink, form: DecisionForm | None) -> Card:
    desk = Desk.of(link.person)
    card = card_of(desk.find(link.requirement_id), desk, form=form)
    if card.form is not None:
        for field in card.form.part.fields.values():
            if isinstance(field, PersonField):
                field.finds_people = False  # names of others are told to who is signed in
    return card


def _may_see(link: AnswerLink) -> bool:
    """Whether its person may still see what it was about."""
    seen = access.visible_requirements(link.person)
    return link.person.is_active and seen.filter(pk=link.requirement_id).exists()


def _is_undone(decision: Decision | None) -> bool:
    """Whether it was taken back since."""
    return decision is not None and decision.revision != decision.requirement.revision


def _sign_in(link: AnswerLink | None) -> str:
    sign_in = reverse("accounts:sign-in")
    return f"{sign_in}?next={reverse('inbox:detail', args=[link.requirement_id])}" if link else sign_in


def _shown(
    request: HttpRequest, template: str, opened: Opened | None, status: int, **context: Any
) -> HttpResponse:
    bare = beside_card(opened) if opened else {"user": AnonymousUser(), "messages": ()}
    return render(request, template, bare | context, status=status)
