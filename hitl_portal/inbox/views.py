"""The inbox, one card of it, and deciding: for everybody who may see something, each with their own items.

The pages answer htmx and plain browsers alike: htmx takes the parts that it needs from the same page.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal.inbox.cards import Card, card_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.pages import page
from workflows import policy, services
from workflows.errors import AlreadyDecided, InvalidAnswer, NotEligible, StaleRevision
from workflows.models import Requirement

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest

PAGE_SIZE = 50
DECIDED = (Requirement.Status.DECIDED, Requirement.Status.APPLIED)


@require_safe
@page
def inbox(request: "PageRequest") -> HttpResponse:
    """Everything that waits, the longest waiting first; `?show=decided` is what was decided last."""
    return _show(request, Desk.of(request.user))


@require_safe
@page
def detail(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """One card, beside the list where the screen has room."""
    desk = Desk.of(request.user)
    requirement = desk.find(requirement_id)
    return _show(request, desk, card_of(requirement, desk))


@require_safe
@page
def rows(request: "PageRequest") -> HttpResponse:
    """The list alone, for a page that is open; the row of that page's card stays marked."""
    context = _listed(request, Desk.of(request.user)) | {"current": _open_card(request)}
    return render(request, "inbox/_rows.html", context)


@require_safe
@page
def card(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """One card alone."""
    desk = Desk.of(request.user)
    requirement = desk.find(requirement_id)
    return render(request, "inbox/_card.html", {"card": card_of(requirement, desk)})


@require_safe
@page
def standing(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Only whether it is still open, for a card in which somebody is writing."""
    desk = Desk.of(request.user)
    requirement = desk.find(requirement_id)
    return render(
        request,
        "inbox/_standing.html",
        {"requirement": requirement, "decision": requirement.decisions.last()},
    )


@require_POST
@page
def decide(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Take one answer; whatever speaks against it comes back with everything that was typed."""
    desk = Desk.of(request.user)
    requirement = desk.find(requirement_id)
    if not policy.may_decide(request.user, requirement):
        admins = policy.admins_only(requirement)
        raise PermissionDenied(_("Admins decide this.") if admins else _("Reviewers decide this."))
    form = DecisionForm(requirement, request.POST)
    if not requirement.is_open:
        return _show(request, desk, card_of(requirement, desk, late=form), status=409)
    if not form.is_valid():
        return _show(request, desk, card_of(requirement, desk, form=form), status=422)
    return _resolve(request, desk, form)


def _resolve(request: "PageRequest", desk: Desk, form: DecisionForm) -> HttpResponse:
    requirement = form.requirement
    try:
        services.resolve(
            requirement.id,
            revision=form.cleaned_data["revision"],
            answer=form.answer(),
            actor=services.Actor.of(request.user),
        )
    except InvalidAnswer as wrong:
        form.refuse(wrong.by_field)
        return _show(request, desk, card_of(requirement, desk, form=form), status=422)
    except AlreadyDecided:
        fresh = desk.find(requirement.id)
        return _show(request, desk, card_of(fresh, desk, late=form), status=409)
    except StaleRevision:
        return _show_fresh(request, desk, requirement.id)
    except NotEligible as refused:
        raise PermissionDenied(str(refused)) from None
    messages.success(request, _("Your decision is saved."))
    return redirect("inbox:detail", requirement.id)


def _show_fresh(request: "PageRequest", desk: Desk, requirement_id: UUID) -> HttpResponse:
    requirement = desk.find(requirement_id)
    typed = request.POST.copy()
    typed["revision"] = str(requirement.revision)
    form = DecisionForm(requirement, typed)
    return _show(request, desk, card_of(requirement, desk, form=form, stale=True), status=409)


def _show(request: "PageRequest", desk: Desk, card: Card | None = None, *, status: int = 200) -> HttpResponse:
    current = card.requirement.id if card else None
    context = _listed(request, desk) | {"card": card, "current": current}
    return render(request, "inbox/inbox.html", context, status=status)


def _listed(request: "PageRequest", desk: Desk) -> dict[str, Any]:
    waiting = Paginator(desk.visible.open(), PAGE_SIZE)
    if request.GET.get("show") == "decided":
        decided = desk.visible.filter(status__in=DECIDED).annotate(decided_at=Max("decisions__decided_at"))
        latest = decided.order_by("-decided_at").prefetch_related("decisions")[:PAGE_SIZE]
        return {"show": "decided", "items": latest, "count": waiting.count, "decides": desk.decides}
    items = waiting.get_page(request.GET.get("page"))
    return {"show": "open", "items": items, "count": waiting.count, "decides": desk.decides}


def _open_card(request: "PageRequest") -> UUID | None:
    """The card on the page that asks for a fragment."""
    try:
        match = resolve((request.htmx.current_url_abs_path or "/").partition("?")[0])
    except Resolver404:
        return None
    found = match.kwargs.get("requirement_id")
    return found if isinstance(found, UUID) else None
