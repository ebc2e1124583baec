"""Absences: everybody sets, sees and ends their own; admins those of others too."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hitl_portal.pages import page
from hitl_portal.people.forms import AbsenceForm
from hitl_portal.refused import in_words
from workflows import policy, services
from workflows.errors import InvalidDates, NotEligible
from workflows.models import Delegation

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from hitl_portal.pages import PageRequest

MOST_PAST = 10
MOST_AWAY = 100


@require_http_methods(["GET", "HEAD", "POST"])
@page
def own(request: "PageRequest") -> HttpResponse:
    """One's own absences; for admins, everybody's as well."""
    return _absences(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def of_person(request: "PageRequest", username: str) -> HttpResponse:
    """Somebody's absences, for admins."""
    if username == request.user.get_username():
        return redirect("people:absences")
    if not policy.is_admin(request.user):
        raise Http404
    return _absences(request, get_object_or_404(get_user_model(), username=username, is_active=True))


@require_POST
@page
def end(request: "PageRequest", delegation_id: UUID) -> HttpResponse:
    """End an absence now, or call it off before it begins."""
    delegation = get_object_or_404(_seen(request.user), id=delegation_id)
    if delegation.revoked_at is not None or delegation.ends_at <= timezone.now():
        over = _("This absence is over already.")
        return render(request, "409.html", {"problem": over}, status=409)
    services.revoke_delegation(delegation.id, actor=services.Actor.of(request.user))
    messages.success(request, _("The absence is ended."))
    return redirect(_address(request, delegation.person))


def _absences(request: "PageRequest", person: "User") -> HttpResponse:
    form = AbsenceForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid() and _saved(request, person, form):
        messages.success(request, _("The absence is saved."))
        return redirect(_address(request, person))
    context = {"form": form, "person": person, "is_own": person.pk == request.user.pk}
    context |= _known_of(person) | _everybody(request)
    return render(request, "people/absences.html", context, status=422 if form.errors else 200)


def _saved(request: "PageRequest", person: "User", form: AbsenceForm) -> bool:
    try:
        services.delegate(
            person,
            deputy=form.cleaned_data["deputy"],
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            note=form.cleaned_data["note"],
            actor=services.Actor.of(request.user),
        )
    except InvalidDates as wrong:
        form.add_error("last_day", in_words(wrong))
    except NotEligible:
        form.add_error("deputy", _("This person cannot stand in."))
    return not form.errors


def _known_of(person: "User") -> dict[str, Any]:
    """What there is to say of one person: away, back again, standing in for others. Three queries."""
    now = timezone.now()
    absences = Delegation.objects.filter(person=person.pk).select_related("deputy")
    lasting = _lasting(absences)
    past = absences.exclude(pk__in=[absence.pk for absence in lasting]).order_by("-ends_at")
    stands_in = Delegation.objects.filter(deputy=person.pk, person__is_active=True).select_related("person")
    return {
        "now": now,
        "absences": lasting,
        "past": past[:MOST_PAST],
        "stands_in": _lasting(stands_in),
        "current": next((absence for absence in lasting if absence.starts_at <= now), None),
    }


def _everybody(request: "PageRequest") -> dict[str, Any]:
    """For admins: whose absences there are to see, and who is away. Two queries."""
    if not policy.is_admin(request.user):
        return {}
    people = get_user_model().objects.filter(is_active=True).order_by("username")
    away = Delegation.objects.filter(person__is_active=True).select_related("person", "deputy")
    return {"people": people, "away": _lasting(away)[:MOST_AWAY]}


def _lasting(delegations: "QuerySet[Delegation]") -> list[Delegation]:
    """Those that hold now or will."""
    return list(delegations.filter(revoked_at=None, ends_at__gt=timezone.now()).order_by("starts_at", "id"))


def _seen(person: "User") -> "QuerySet[Delegation]":
    own = Q() if policy.is_admin(person) else Q(person=person.pk)
    return Delegation.objects.filter(own).select_related("person")


def _address(request: "PageRequest", person: "User") -> str:
    if person.pk == request.user.pk:
        return reverse("people:absences")
    return reverse("people:absences-of", args=[person.get_username()])
