"""Signing in by password or by a one-time link, and keeping a browser's preferences."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from hitl_portal.accounts.forms import PreferencesForm
from hitl_portal.accounts.links import person_of, use

PREFERENCES_LAST = timedelta(days=365)
BACKEND = "django.contrib.auth.backends.ModelBackend"

sign_in = LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True)
sign_out = LogoutView.as_view(next_page="accounts:sign-in")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def link(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Only POST signs in: mail scanners and chat previews follow links, and must change nothing."""
    person = person_of(uidb64, token)
    if person is None:
        return render(request, "accounts/link_expired.html", status=410)
    if request.method != "POST":
        return render(request, "accounts/link.html", {"person": person})
    if not use(person):
        return render(request, "accounts/link_expired.html", status=410)
    login(request, person, backend=BACKEND)
    return redirect("inbox:list")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen in cookies and go back to where it was chosen."""
    form = PreferencesForm(request.POST)
    response = redirect(_way_back(request))
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


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else reverse("inbox:list")
