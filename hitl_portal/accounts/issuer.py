"""The issuer of single sign-on: where people are sent to it and come back, and how what it says is verified.

Its ID token counts with a signature only, by whatever way it came; and only where it speaks of the same person as the
issuer's answer about them.
"""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from hitl_portal.addresses import public

log = logging.getLogger(__name__)

# Signed with a key that the issuer alone has: never with a secret that we know as well.
SIGNATURES = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Answer = Callable[[], HttpResponse]


class Issuer(OpenIDConnectOAuth2Adapter):
    """allauth's, stricter: signatures are looked at, and the way back is the portal's public address."""

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002  allauth names them
        """Where the issuer sends people back to, whatever host a request named."""
        return public("openid_connect_callback", provider_id=settings.OIDC_ID)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **more: Any) -> Any:
        """Who has come. Raises OAuth2Error where the answers are about different people."""
        login = super().complete_login(request, app, token, **more)
        said = login.account.extra_data
        if "id_token" not in said or said["id_token"].get("sub") != said.get("userinfo", {}).get("sub"):
            raise OAuth2Error("the ID token and the user info are not of the same person")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as wrong:
            raise OAuth2Error("the ID token cannot be read") from wrong
        if header.get("alg") not in SIGNATURES or "kid" not in header:
            raise OAuth2Error("the ID token is not signed in a way that counts")
        verified: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return verified


def claims_of(said: dict[str, Any]) -> dict[str, Any]:
    """All that the issuer says of somebody; its answer about them is newer than the token. What the token says of an
    address is said of no other one."""
    token, told = said.get("id_token", {}), said.get("userinfo", {})
    claims = {**token, **told}
    if claims.get("email") != token.get("email"):
        claims["email_verified"] = told.get("email_verified")
    return claims


def is_trustworthy(address: str) -> bool:
    """Whether nobody on the way can speak in the issuer's name: https, or this machine."""
    at = urlsplit(address)
    return at.scheme == "https" or (at.scheme == "http" and at.hostname in LOOPBACK)


@never_cache
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the issuer, to come in and for nothing else: nobody connects a further name to the account of a session. Where
    another site has sent somebody here, they are asked first."""
    if request.GET.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN:
        raise Http404
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return render(request, "socialaccount/login.html", {"provider_name": settings.HITL_OIDC_NAME})
    # What anybody may have written into the address is not passed on, but for the way back.
    way_on = request.GET.get("next")
    request.GET = QueryDict(urlencode({"next": way_on} if way_on else {}))
    return _answer(request, provider_id, OAuth2LoginView)


@never_cache
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """From the issuer, with its word for who it is."""
    return _answer(request, provider_id, OAuth2CallbackView)


def called_off(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  a view
    """From the issuer, where somebody has changed their mind."""
    return redirect("accounts:sign-in")


def _answer(request: HttpRequest, provider_id: str, view: Any) -> HttpResponse:
    if provider_id != settings.OIDC_ID:
        raise Http404
    issuer = Issuer(request, settings.OIDC_PROVIDER_ID)
    try:
        answer: HttpResponse = view.adapter_view(issuer)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, OAuth2Error, KeyError, ValueError) as wrong:
        log.warning("single sign-on failed: %s", wrong)
        return _failed(request, issuer, wrong)
    return answer


def _failed(request: HttpRequest, issuer: Issuer, wrong: Exception) -> HttpResponse:
    provider: Any = issuer.get_provider()  # type: ignore[no-untyped-call]  # allauth's has no types
    answer: HttpResponse = render_authentication_error(request, provider, exception=wrong)
    return answer
