"""What the settings say of signing in must hold: a slip must not let anybody in who does not belong here."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from hitl_portal.accounts.issuer import is_trustworthy


def trustworthy_issuer(
    *, app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """An error where single sign-on goes by an address that others could speak for."""
    del app_configs, options
    if settings.HITL_OIDC_ISSUER and not is_trustworthy(settings.HITL_OIDC_ISSUER):
        return [Error("HITL_OIDC_ISSUER must begin with https://", id="accounts.E001")]
    return []
