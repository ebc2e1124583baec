"""Getting in by a one-time link or into Django admin, getting out, and keeping a browser's preferences."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from hitl_portal.accounts.forms import PreferencesForm
from hitl_portal.accounts.links import person_of, use
from hitl_portal.addresses import own

PREFERENCES_LAST = timedelta(days=365)

sign_in = LoginView.as_view()
sign_out = LogoutView.as_view(next_page="accounts:sign-in")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def link(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Only POST signs in: mail scanners and chat previews follow links, and must change nothing. A link stands for the
    password: who has a second factor is asked for it."""
    person = person_of(uidb64, token)
    if person is None:
        return render(request, "accounts/link_expired.html", status=410)
    if request.method != "POST":
        return render(request, "accounts/link.html", {"person": person})
    if not use(person):
        return render(request, "accounts/link_expired.html", status=410)
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, person, "link")
    response: HttpResponse = perform_login(request, Login(user=person, redirect_url=reverse("inbox:list")))
    return response


@never_cache
def admin_door(request: HttpRequest) -> HttpResponse:
    """Django admin's own sign-in page knows no second factor: everybody comes in by ours."""
    way_on = own(request, request.GET.get("next", "")) or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect(f"{reverse('accounts:sign-in')}?{urlencode({'next': way_on})}")
    if not request.user.is_staff:
        raise PermissionDenied(_("Django admin is for staff."))
    return redirect(way_on)


def no_sign_up(request: HttpRequest, **_more: Any) -> HttpResponse:
    """Nobody makes an account for themselves."""
    return render(request, "account/signup_closed.html", status=403)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen in cookies and go back to where it was chosen."""
    form = PreferencesForm(request.POST)
    response = redirect(own(request, request.POST.get("next", "")) or reverse("inbox:list"))
    if form.is_valid():
        for name, value in form.cleaned_data.items():
            if value:
                response.set_cookie(
                    f"hitl_{name}",
                    value,
                    max_age=PREFERENCES_LAST,
                    path=settings.COOKIE_PATH,
                    secure=settings.IS_HTTPS,
                    samesite="Lax",
                )
    return response
