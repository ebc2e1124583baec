"""How people get in: passwords, second factors, single sign-on, and for how long; docs/accounts.md tells of them."""

from hashlib import sha256
from typing import Any

from hitl_portal.settings.environment import HITL_DEMO, IS_HTTPS, number, switch, text

LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "inbox:list"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}

# Accounts are made by admins: nobody signs up, and whoever signs in is somebody's entry in Django admin.
ACCOUNT_ADAPTER = "hitl_portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    name: f"hitl_portal.accounts.forms.{form}"
    for name, form in {
        "login": "SignInForm",
        "reauthenticate": "PasswordAgainForm",
        "change_password": "NewPasswordForm",
        "set_password": "FirstPasswordForm",
        "reset_password": "ForgottenForm",
        "reset_password_from_key": "PasswordByMailForm",
    }.items()
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    # Of failures: per address, and per name for browsers in which that person has never signed in (see `known`).
    "login_failed": "10/m/ip,5/5m/key,50/d/key",
    "reset_password": "20/h/ip,5/h/key",
}

MFA_ADAPTER = "hitl_portal.accounts.factors.FactorAdapter"
MFA_FORMS = {
    name: f"hitl_portal.accounts.forms.{form}"
    for name, form in {
        "authenticate": "CodeForm",
        "reauthenticate": "CodeAgainForm",
        "activate_totp": "AppForm",
        "add_webauthn": "PasskeyForm",
        "edit_webauthn": "PasskeyNameForm",
    }.items()
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
# Addresses are entered by admins, in one's account and nowhere else: none waits to be verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Single sign-on by OpenID Connect, where an issuer is named. Who it names is found by an e-mail address that it has
# verified; with HITL_OIDC_CREATE somebody who is not found gets an account. Groups that its claim names are taken over.
HITL_OIDC_ISSUER = text("HITL_OIDC_ISSUER").rstrip("/")
HITL_OIDC_NAME = text("HITL_OIDC_NAME", "single sign-on")
HITL_OIDC_CREATE = switch("HITL_OIDC_CREATE")
HITL_OIDC_GROUPS_CLAIM = text("HITL_OIDC_GROUPS_CLAIM")
# In addresses; and by what people are kept as known: another issuer's names are other people's.
OIDC_ID = "sso"
OIDC_PROVIDER_ID = f"{OIDC_ID}-{sha256(HITL_OIDC_ISSUER.encode()).hexdigest()[:8]}"
SOCIALACCOUNT_ADAPTER = "hitl_portal.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_PROVIDER_ID,
                "name": HITL_OIDC_NAME,
                "client_id": text("HITL_OIDC_CLIENT_ID"),
                "secret": text("HITL_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": HITL_OIDC_ISSUER},
            }
        ]
        if HITL_OIDC_ISSUER
        else [],
    }
}

# A yes to something of a high risk needs a second factor, shown within so many seconds; not where people try it out.
HITL_HIGH_RISK_FACTOR = switch("HITL_HIGH_RISK_FACTOR", default=IS_HTTPS and not HITL_DEMO)
HITL_FRESH_SECONDS = number("HITL_FRESH_SECONDS", 5 * 60)
ACCOUNT_REAUTHENTICATION_TIMEOUT = HITL_FRESH_SECONDS

# Behind proxies the address of who calls is this many places from the end of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = number("HITL_PROXIES", int(switch("HITL_BEHIND_PROXY")))
