"""The inbox, one card of it, and deciding: for everybody who may see something, each with their own items.

The pages answer htmx and plain browsers alike: htmx takes the parts that it needs from the same page.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hitl_portal import access
from hitl_portal.inbox import signing, stepping_up
from hitl_portal.inbox.address import detail as address_of
from hitl_portal.inbox.address import open_card, searched, wanted
from hitl_portal.inbox.cards import card_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.inbox.held import note
from hitl_portal.inbox.models import Preferences
from hitl_portal.inbox.revisions import revision_at
from hitl_portal.inbox.showing import framed, listed, show_card, show_list, show_problem
from hitl_portal.pages import page
from hitl_portal.refused import in_words
from workflows import policy
from workflows.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ClaimedByAnother,
    InvalidAnswer,
    NeedsSignature,
    NotEligible,
    NotSigned,
    StaleRevision,
)
from workflows.models import Decision

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_safe
@page
def inbox(request: "PageRequest") -> HttpResponse:
    """What waits, or was decided, as the address asks for it: see `filters`."""
    response = show_list(request, Desk.of(request.user, wanted(request)))
    return searched(request, response) if request.htmx else response


@require_safe
@page
def detail(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """One card, beside the list where the screen has room; `revision` names another one of the same series."""
    desk = Desk.of(request.user, wanted(request))
    number = request.GET.get("revision", "")
    found = revision_at(desk, desk.find(requirement_id), number)
    return show_card(request, desk, card_of(found, desk, looks_back=bool(number)))


@require_safe
@page
def rows(request: "PageRequest") -> HttpResponse:
    """The list alone, for a page that is open; the row of that page's card stays marked."""
    desk = Desk.of(request.user, wanted(request))
    context = listed(request, desk) | {"current": open_card(request)}
    return render(request, "inbox/_rows.html", context)


@require_safe
@page
def card(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """One card alone, with the bar above it."""
    desk = Desk.of(request.user, wanted(request))
    found = card_of(desk.find(requirement_id), desk)
    return render(request, "inbox/_pane.html", framed(request, desk, found))


@require_safe
@page
def standing(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Only whether it is still open, for a card in which somebody is writing."""
    requirement = Desk.of(request.user).find(requirement_id)
    context = {"requirement": requirement, "decision": requirement.decision}
    return render(request, "inbox/_standing.html", context)


@require_POST
@page
def decide(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Take one answer; whatever speaks against it comes back with everything that was typed."""
    desk = Desk.of(request.user, wanted(request))
    requirement = access.visible_requirement(request.user, requirement_id)
    if not policy.may_decide(request.user, requirement):
        admins = policy.admins_only(requirement)
        raise PermissionDenied(_("Admins decide this.") if admins else _("Reviewers decide this."))
    form = DecisionForm(requirement, request.POST, request.FILES)
    if not requirement.is_open:
        return _show_late(request, desk, form)
    if not form.is_valid():
        return _show_wrong(request, desk, form)
    lacking = stepping_up.missing(request, form)
    if lacking:
        form.add_error(None, lacking)
        return _show_wrong(request, desk, form)
    return _resolve(request, desk, form)


def _resolve(request: "PageRequest", desk: Desk, form: DecisionForm) -> HttpResponse:
    requirement = form.requirement
    try:
        decision = signing.decided(request, form)
    except (NeedsSignature, NotSigned) as unsigned:
        form.add_error(None, in_words(unsigned))
        return _show_wrong(request, desk, form)
    except InvalidAnswer as wrong:
        form.refuse(wrong.by_field)
        return _show_wrong(request, desk, form)
    except AlreadyDecided:
        return _show_late(request, desk, form)
    except StaleRevision:
        return _show_fresh(request, desk, requirement.id)
    except AlreadyVoted:
        problem = _("Your vote is counted already; this one changed nothing.")
        return show_problem(request, desk, requirement, problem)
    except ClaimedByAnother as claimed:
        problem = _("%(name)s has claimed this, and alone decides it meanwhile.") % {"name": claimed.by}
        kept = card_of(desk.find(requirement.id), desk, form=form)
        return show_card(request, desk, kept, status=409, problem=problem)
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    return _decided(request, desk, decision)


def _decided(request: "PageRequest", desk: Desk, decision: Decision) -> HttpResponse:
    """On to what comes next: the item as it stands now, or for who prefers that the next one."""
    requirement = decision.requirement
    note(request, requirement)
    if not decision.closes:
        messages.success(request, _("Your vote is counted; more people are needed."))
    elif not requirement.is_held():  # else a bar says so, and offers to undo it
        messages.success(request, _("Your decision is saved."))
    following = desk.after(requirement) if Preferences.of(request.user).advance else None
    return redirect(address_of(request, (following or requirement).id))


def _show_late(request: "PageRequest", desk: Desk, form: DecisionForm) -> HttpResponse:
    fresh = desk.find(form.requirement.id)
    return show_card(request, desk, card_of(fresh, desk, late=form), status=409)


def _show_wrong(request: "PageRequest", desk: Desk, form: DecisionForm) -> HttpResponse:
    fresh = desk.find(form.requirement.id)
    return show_card(request, desk, card_of(fresh, desk, form=form), status=422)


def _show_fresh(request: "PageRequest", desk: Desk, requirement_id: UUID) -> HttpResponse:
    requirement = desk.find(requirement_id)
    typed = request.POST.copy()
    typed["revision"] = str(requirement.revision)
    form = DecisionForm(requirement, typed, request.FILES)
    return show_card(request, desk, card_of(requirement, desk, form=form, stale=True), status=409)
