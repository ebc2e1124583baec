"""The addresses of allauth's views that the portal uses, below its own; by the names that allauth knows them by.

What is not here cannot be reached: signing up, changing one's own e-mail, connecting accounts.
"""

from collections.abc import Callable
from typing import cast

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.urls import path
from django.views.generic import RedirectView

from hitl_portal.accounts import issuer, views
from hitl_portal.accounts.proving import proven
from hitl_portal.pages import page


def own(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponse]:
    """A page for who is signed in; allauth's views answer with what the portal's do."""
    return page(cast("Callable[..., HttpResponse]", view))


to_security = login_required(RedirectView.as_view(pattern_name="mfa_index"))

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second/", factors.authenticate, name="mfa_authenticate"),
    path("sso/called-off/", issuer.called_off, name="socialaccount_login_cancelled"),
    path("sso/<slug:provider_id>/", issuer.begin, name="openid_connect_login"),
    path("sso/<slug:provider_id>/back/", issuer.come_back, name="openid_connect_callback"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("sign-up/", views.no_sign_up, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/", own(account.password_change), name="account_change_password"),
    path("password/set/", own(proven(account.password_set)), name="account_set_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "password/new/<base36:uidb36>-<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("confirm/password/", own(account.reauthenticate), name="account_reauthenticate"),
    path("confirm/code/", own(factors.reauthenticate), name="mfa_reauthenticate"),
    path("confirm/passkey/", own(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("security/", own(factors.index), name="mfa_index"),
    path("security/app/", own(proven(app.activate_totp)), name="mfa_activate_totp"),
    path("security/app/remove/", own(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("security/codes/", own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("security/codes/new/", own(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("security/passkeys/", to_security, name="mfa_list_webauthn"),
    path("security/passkeys/add/", own(proven(passkeys.add_webauthn)), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/name/", own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("security/passkeys/<int:pk>/remove/", own(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]
