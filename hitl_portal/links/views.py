"""The pages behind an answer link. Looking changes nothing; only the form's own POST decides.

Mail scanners, chats and previews fetch links: GET and HEAD of each page here only read.
"""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth import logout
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hitl_portal.evidence.serving import serve_asked, serve_data, serve_media, serve_whole
from hitl_portal.inbox.edits import Edit
from hitl_portal.inbox.forms import DecisionForm
from hitl_portal.links.door import by_link, of_its_person, while_it_counts
from hitl_portal.links.opened import Opened
from hitl_portal.links.services import answer_by, find, take_back
from hitl_portal.links.showing import beside_card, show_card, show_over
from hitl_portal.links.standing import Dead, Why
from hitl_portal.refused import in_words
from workflows.errors import (
    AlreadyDecided,
    HoldOver,
    InvalidAnswer,
    NotEligible,
    StaleRevision,
    WorkflowsError,
)
from workflows.models import Value


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
@of_its_person
@while_it_counts
def link(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The card with its form; a POST decides."""
    return _decide(request, opened) if request.method == "POST" else show_card(request, opened)


@require_safe
@by_link
@of_its_person
def done(request: HttpRequest, opened: Opened) -> HttpResponse:
    """What was decided by this link, for who has just done that."""
    if opened.link.decision_id is None:
        return redirect(opened.address())
    return show_over(request, Why.USED, opened, status=200)


@require_POST
@by_link
@of_its_person
def undo(_request: HttpRequest, opened: Opened) -> HttpResponse:
    """Take the decision back while it is held, and go on with another link."""
    try:
        address = take_back(opened.link)
    except (Dead, HoldOver, NotEligible):
        return redirect(opened.address("done"))
    # As a path: whoever came by another name of this host stays there, as forms may lead nowhere else.
    return redirect(urlsplit(address).path if address else opened.address("done"))


@require_POST
@by_link
def sign_out(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Sign out who is signed in here, whoever that is, and open the link."""
    logout(request)
    return redirect(opened.address())


@require_POST
@by_link
@of_its_person
@while_it_counts
def preview(request: HttpRequest, opened: Opened) -> HttpResponse:
    """What a changed version changes: below it as it is typed, or on the card. Changes nothing."""
    form = DecisionForm(opened.link.requirement, request.POST)
    if not form.offers_edit:
        raise Http404
    if "HX-Request" in request.headers:
        shown = {"edit": Edit.typed(form), "requirement": opened.link.requirement}
        return render(request, "inbox/_preview.html", shown)
    return show_card(request, opened, form)


@require_safe
@by_link
@of_its_person
@while_it_counts
def asked(request: HttpRequest, opened: Opened) -> HttpResponse:
    """All arguments of the tool that is asked about."""
    return serve_asked(request, opened.link.requirement, **beside_card(opened))


@require_safe
@by_link
@of_its_person
@while_it_counts
def whole(request: HttpRequest, opened: Opened, value_id: UUID) -> HttpResponse:
    """One value of the card, as much of it as a page can hold."""
    return serve_whole(request, _value(opened, value_id), **beside_card(opened))


@require_safe
@by_link
@of_its_person
@while_it_counts
def data(_request: HttpRequest, opened: Opened, value_id: UUID) -> HttpResponse:
    """All of one value of the card."""
    return serve_data(_value(opened, value_id))


@require_safe
@by_link
@of_its_person
@while_it_counts
def media(request: HttpRequest, opened: Opened, value_id: UUID, number: int) -> HttpResponse:
    """The bytes of one attachment on the card."""
    return serve_media(request, _value(opened, value_id), number)


def _decide(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = DecisionForm(opened.link.requirement, request.POST, request.FILES)
    if not form.is_valid():
        return show_card(request, opened, form, status=422)
    try:
        answer_by(opened.link, revision=form.cleaned_data["revision"], answer=form.answer())
    except InvalidAnswer as wrong:
        form.refuse(wrong.by_field)
        return show_card(request, opened, form, status=422)
    except Dead as dead:
        return show_over(request, dead.why, _again(opened))
    except AlreadyDecided:
        return show_over(request, Why.DECIDED, _again(opened))
    except StaleRevision:
        said = _("What is asked has changed since you opened it. Look again, then decide.")
        return show_card(request, opened, problem=said, status=409)
    except WorkflowsError as refused:
        return show_card(request, opened, form, problem=in_words(refused), status=409)
    return redirect(opened.address("done"))


def _again(opened: Opened) -> Opened:
    """The same link as it stands now."""
    return Opened(link=find(opened.token), token=opened.token)


def _value(opened: Opened, value_id: UUID) -> Value:
    """What the card shows: its evidence, or what its run was given; or 404."""
    asked = opened.link.requirement
    is_input = Q(path="", slot="inputs")
    on_card = Value.objects.filter(is_input | Q(id=asked.evidence_id), run=asked.run_id)
    return get_object_or_404(on_card.select_related("run__workflow"), id=value_id)
