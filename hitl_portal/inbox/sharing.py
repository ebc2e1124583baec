"""Sharing work: claim, give back, hand over, put off, and undo."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from hitl_portal.inbox.address import detail as address_of
from hitl_portal.inbox.address import wanted
from hitl_portal.inbox.bar import bar_of
from hitl_portal.inbox.desk import Desk
from hitl_portal.inbox.later import PickForm, moments
from hitl_portal.inbox.showing import show_problem
from hitl_portal.pages import page
from hitl_portal.refused import in_words
from workflows import policy, services
from workflows.errors import AlreadyDecided, ClaimedByAnother, HoldOver, NotEligible
from workflows.models import Decision, Requirement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from hitl_portal.pages import PageRequest

MOST_PEOPLE = 500
NOW = "now"


@require_POST
@page
def claim(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Say that one works on it; once more prolongs that."""
    return _done(request, requirement_id, lambda actor: services.claim(requirement_id, actor=actor))


@require_POST
@page
def unclaim(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Give it back."""
    return _done(request, requirement_id, lambda actor: services.unclaim(requirement_id, actor=actor))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def assign(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Choose who is to decide it: a page with those who may."""
    desk = Desk.of(request.user, wanted(request))
    requirement = desk.find(requirement_id)
    bar = bar_of(requirement, desk)
    if requirement.is_open and not bar.may_assign:
        raise PermissionDenied(_("Who decides this may hand it to others; so may admins."))
    form = AssignForm(requirement, request.POST if request.method == "POST" else None)
    if form.is_valid():
        to = form.cleaned_data["to"]
        return _done(
            request, requirement_id, lambda actor: services.assign(requirement_id, to=to, actor=actor)
        )
    status = 422 if form.is_bound else 200
    return render(
        request, "inbox/assign.html", {"form": form, "bar": bar, "requirement": requirement}, status=status
    )


@require_POST
@page
def snooze(request: "PageRequest", requirement_id: UUID) -> HttpResponse:
    """Put it off until a moment that is offered or picked, or see it again at once; the next item of the view opens."""
    desk = Desk.of(request.user, wanted(request))
    requirement = desk.find(requirement_id)
    following = desk.after(requirement)
    actor = services.Actor.of(request.user)
    if request.POST.get("for") == NOW:
        services.unsnooze(requirement_id, actor=actor)
        return redirect(address_of(request, requirement_id))
    until = _until(request)
    if until is None:
        problem = _("Choose a moment that is still to come.")
        return show_problem(request, desk, requirement, problem, status=422)
    services.snooze(requirement_id, until=until, actor=actor)
    when = date_format(timezone.localtime(until), "SHORT_DATETIME_FORMAT")
    messages.success(
        request,
        _("Put off until %(when)s. You find it under “Snoozed”; its deadline stays.") % {"when": when},
    )
    return redirect(address_of(request, (following or requirement).id))


@require_POST
@page
def undo(request: "PageRequest", decision_id: UUID) -> HttpResponse:
    """Take one's decision back, while nothing has come of it."""
    desk = Desk.of(request.user, wanted(request))
    visible = desk.visible.values("pk")
    decision = get_object_or_404(
        Decision.objects.select_related("requirement"), pk=decision_id, requirement__in=visible
    )
    try:
        requirement = services.undo(decision_id, actor=services.Actor.of(request.user))
    except HoldOver:
        problem = _("Too late to undo: the time for it is over, and the run goes on with the decision.")
        return show_problem(request, desk, decision.requirement, problem)
    except NotEligible:
        raise PermissionDenied(_("Only who has decided can take it back.")) from None
    if requirement.is_open:
        messages.success(request, _("Taken back: nothing has come of it, and it waits again."))
    else:
        messages.warning(
            request, _("Taken back; but its time had passed meanwhile, and silence has answered.")
        )
    return redirect(address_of(request, requirement.id))


def _until(request: HttpRequest) -> datetime | None:
    """The moment that was pressed or picked; None where there is none to come."""
    pressed = request.POST.get("for", "")
    offered = {moment.name: moment.at for moment in moments(timezone.now())}
    if pressed in offered:
        return offered[pressed]
    form = PickForm(request.POST)
    return form.cleaned_data["until"] if form.is_valid() else None


class AssignForm(forms.Form):
    """One of those who may decide it."""

    to: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        queryset=None, label=gettext_lazy("Who is to decide it"), empty_label=None
    )

    def __init__(self, requirement: Requirement, data: "dict[str, str] | None" = None) -> None:
        super().__init__(data)
        people = get_user_model().objects.filter(is_active=True).prefetch_related("groups")
        able = [
            person.pk
            for person in people.order_by("username")[:MOST_PEOPLE]
            if policy.may_decide(person, requirement)
        ]
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = get_user_model().objects.filter(pk__in=able).order_by("username")
        field.initial = requirement.assignee_id


def _done(
    request: "PageRequest", requirement_id: UUID, act: Callable[[services.Actor], Requirement]
) -> HttpResponse:
    """Do it and show the card again; what speaks against it stands above the card."""
    desk = Desk.of(request.user, wanted(request))
    requirement = desk.find(requirement_id)
    try:
        act(services.Actor.of(request.user))
    except ClaimedByAnother as claimed:
        problem = _("%(name)s was faster and has claimed it.") % {"name": claimed.by}
        return show_problem(request, desk, requirement, problem)
    except AlreadyDecided:
        return show_problem(request, desk, requirement, _("It was decided meanwhile."))
    except NotEligible as refused:
        raise PermissionDenied(in_words(refused)) from None
    return redirect(address_of(request, requirement_id))
