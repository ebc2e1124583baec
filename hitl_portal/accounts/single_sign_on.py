"""Single sign-on: who comes from the OpenID Connect issuer that the settings name, and which account is theirs.

Somebody is known by the issuer and its `sub`. The first time an account is found by an e-mail address that the issuer
has verified and that exactly one person here has; admins enter those. An address that is not verified finds nobody, and
never makes an account that has it. Else HITL_OIDC_CREATE says whether an account is made; where not, nobody comes in.
"""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hitl_portal.accounts.issuer import Issuer, claims_of


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """What allauth asks about people who come from elsewhere."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """The issuer, whose tokens are verified as `Issuer` does it."""
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = Issuer
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account where the issuer's name for somebody is not known yet, and take over their groups."""
        claims = claims_of(sociallogin.account.extra_data)
        if not sociallogin.is_existing:
            self._recognise(request, sociallogin, claims)
        if sociallogin.is_existing:
            take_groups(cast(User, sociallogin.user), claims)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Whether somebody who has no account gets one."""
        creates: bool = settings.HITL_OIDC_CREATE
        return creates

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:  # noqa: ARG002
        """Make the account. Its address stands in it and nowhere else."""
        person = cast(User, sociallogin.user)
        person.set_unusable_password()
        get_adapter(request).populate_username(request, person)
        sociallogin.save(request, connect=True)
        take_groups(person, claims_of(sociallogin.account.extra_data))
        return person

    def _recognise(self, request: HttpRequest, sociallogin: SocialLogin, claims: dict[str, Any]) -> None:
        address = str(claims.get("email") or "")
        same = list(User.objects.filter(email__iexact=address)[:2]) if address else []
        if len(same) == 1 and is_verified(claims):
            sociallogin.connect(request, same[0])
        elif same:
            raise ImmediateHttpResponse(refused(request))
        elif not is_verified(claims):
            cast(User, sociallogin.user).email = ""
            sociallogin.email_addresses = []


def is_verified(claims: dict[str, Any]) -> bool:
    """Whether the issuer says in so many words that the address is theirs."""
    return claims.get("email_verified") in (True, "true")


def take_groups(person: User, claims: dict[str, Any]) -> None:
    """Put the person into the groups that the claim names, of those that there are here, and out of all others."""
    if settings.HITL_OIDC_GROUPS_CLAIM:
        named = claims.get(settings.HITL_OIDC_GROUPS_CLAIM)
        wanted = [str(name) for name in named] if isinstance(named, list) else []
        person.groups.set(Group.objects.filter(name__in=wanted))


def refused(request: HttpRequest) -> HttpResponse:
    """The page for somebody who has no account here."""
    return render(request, "account/signup_closed.html", status=403)
