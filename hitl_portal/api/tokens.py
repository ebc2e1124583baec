"""The page of API tokens: everybody makes and revokes their own; admins see and revoke all."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from hitl_portal.accounts.proving import asks_for_proof
from hitl_portal.api.models import ApiToken, Scope
from hitl_portal.pages import page
from workflows import policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from hitl_portal.pages import PageRequest

MOST_OWN = 50
MOST_SHOWN = 200
LASTS = (
    (7, gettext_lazy("A week")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("A year")),
)


class TokenForm(forms.Form):
    """What a new token is called, what it may do, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy(
            "Which program it is for. What the program does is told as done with this token."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "As far as you may. It never decides what you have asked for, nor where four eyes, several people or a"
            " high risk are at stake."
        ),
    )
    days = forms.TypedChoiceField(label=gettext_lazy("It ends after"), choices=LASTS, coerce=int, initial=90)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def tokens(request: "PageRequest") -> HttpResponse:
    """One's own tokens, and the form for a new one, whose text is shown in the answer and never again."""
    form, made = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        # It outlives the session: one that somebody left open is not enough.
        if (first := asks_for_proof(request)) is not None:
            return first
        made = _made(request.user, form)
        form = TokenForm() if made else form
    context: dict[str, Any] = {"form": form, "made": made, "others": _others(request.user)}
    context["tokens"] = list(ApiToken.objects.filter(person=request.user)[:MOST_SHOWN])
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@page
def revoke(request: "PageRequest", token_id: UUID) -> HttpResponse:
    """End a token: one's own, or anybody's for an admin."""
    own = Q() if policy.is_admin(request.user) else Q(person=request.user)
    token = get_object_or_404(ApiToken.objects.filter(own), id=token_id)
    token.revoke()
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("tokens:list")


def _made(person: "User", form: TokenForm) -> dict[str, Any] | None:
    said, now = form.cleaned_data, timezone.now()
    if ApiToken.objects.filter(person=person, revoked_at=None, expires_at__gt=now).count() >= MOST_OWN:
        form.add_error(None, _("You have as many tokens as one may have: revoke one first."))
        return None
    ends = now + timedelta(days=said["days"])
    token, text = ApiToken.objects.make(person, said["name"], said["scopes"], ends)
    return {"token": token, "text": text}


def _others(person: "User") -> "QuerySet[ApiToken] | None":
    """Those of everybody else, for admins."""
    if not policy.is_admin(person):
        return None
    return ApiToken.objects.exclude(person=person).select_related("person")[:MOST_SHOWN]
