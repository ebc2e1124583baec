"""The Django app of accounts: what of signing in is kept beside allauth's own tables."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who gets in, how they prove it, and for how long."""

    name = "hitl_portal.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Say where sealed texts are kept, and begin a session's time when somebody signs in."""
        from allauth.account.signals import authentication_step_completed  # here: models are loaded last
        from allauth.mfa.models import Authenticator
        from django.contrib.auth.signals import user_logged_in
        from django.core.checks import register

        from hitl_portal.accounts import checks, limits, sessions
        from hitl_portal.accounts.factors import PURPOSE
        from hitl_portal.resealing import keeps_in_json

        for key in ("secret", "seed"):
            keeps_in_json(Authenticator, "data", key, PURPOSE)
        register(checks.trustworthy_issuer)
        user_logged_in.connect(limits.begin, dispatch_uid="hitl_portal.accounts.limits")
        authentication_step_completed.connect(sessions.renew, dispatch_uid="hitl_portal.accounts.sessions")
