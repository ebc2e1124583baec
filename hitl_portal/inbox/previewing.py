"""Looking at an edit: before it is sent, as it is typed or by a button; and once it was decided. Changes nothing."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal.inbox.address import wanted
from hitl_portal.inbox.cards import card_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.edits import Edit
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.showing import show_card
from hitl_portal.pages import page
from workflows import policy
from workflows.types import Answer

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_POST
@page
def preview(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """What would change: below what is being typed, or on the card with everything that was typed."""
    desk = Desk.of(request.user, wanted(request))
    requirement = desk.find(requirement_id)
    if not policy.may_decide(request.user, requirement):
        raise PermissionDenied(_("Reviewers decide this."))
    form = DecisionForm(requirement, request.POST)
    if not requirement.is_open and request.htmx:  # somebody was faster; the card says so by itself
        return HttpResponse(status=204)
    if not requirement.is_open:
        return show_card(request, desk, card_of(requirement, desk, late=form), status=409)
    if not form.offers_edit:
        raise Http404
    if request.htmx:
        return render(request, "inbox/_preview.html", {"edit": Edit.typed(form), "requirement": requirement})
    return show_card(request, desk, card_of(requirement, desk, form=form))


@require_safe
@page
def edited(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """What was changed by who decided, for pages that show it when it is opened; without scripts the card."""
    requirement = Desk.of(request.user).find(requirement_id)
    decision = requirement.decision
    edit = Edit.decided(requirement, Answer.from_dict(decision.answer)) if decision else None
    if edit is None:
        raise Http404
    if not request.htmx:
        return redirect("inbox:detail", requirement.id)
    return render(request, "inbox/_edited.html", {"edit": edit, "requirement": requirement})
