"""Confirming: the page from which somebody shows a second factor, so that a decision of a high risk can be theirs."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hitl_portal.pages import page

if TYPE_CHECKING:
    from hitl_portal.pages import PageRequest


@require_safe
@page
def confirm(request: "PageRequest") -> HttpResponse:
    """On to the factor that the person has, passkeys first; who has none is told how to get one."""
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    way_back = request.GET.get("next", "")
    if Authenticator.Type.WEBAUTHN in kinds:
        return _on("mfa_reauthenticate_webauthn", way_back)
    if Authenticator.Type.TOTP in kinds:
        return _on("mfa_reauthenticate", way_back)
    return render(request, "accounts/no_factor.html")


def _on(name: str, way_back: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?{urlencode({'next': way_back})}")


@require_safe
@page
def confirmed(request: "PageRequest") -> HttpResponse:
    """For who has come by another tab: they go on in the one where they were."""
    return render(request, "accounts/confirmed.html")
