"""The portal's rules for allauth's accounts: nobody signs up, strangers lock nobody out, and mail tells nobody
who is known here, be it slow or failing."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from hitl_portal.accounts import known, posting
from hitl_portal.addresses import outside, own


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  allauth names it
        """Never: admins make accounts."""
        return False

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse:
        """Remember that this person has signed in with this browser."""
        response: HttpResponse = super().post_login(request, user, **more)
        known.remember(request, response, user)
        return response

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Who has a second factor shows that one: with the password alone nobody takes factors away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_factor = [method for method in methods if method["id"] != "reauthenticate"]
        return by_factor or methods

    def is_safe_url(self, url: str) -> bool:
        """Whether it is a page of ours, by the address that was asked."""
        return bool(own(current.request, url or ""))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address by which the portal is known, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return outside(path.replace("UID-KEY", key))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  allauth names it
        """Back to the page of one's own account."""
        return reverse("mfa_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write it now, in the language of who asked, and send it soon: an error page, or a long wait, would tell that
        there is somebody to write to."""
        said = {"request": current.request, "email": email} | context | {"portal": settings.HITL_PUBLIC_URL}
        posting.post(self.render_mail(template_prefix, email, said))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures in a browser that a person has used before count apart from those of strangers."""
        name = str(credentials.get("username") or credentials.get("email") or "").strip().lower()
        return known.counted_as(request, name)
