"""What the settings say of notifications must be readable: a typo must not say more, or leave a way out in silence."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from hitl_portal.notifications.channels import channels
from hitl_portal.notifications.models import Discretion


def readable_settings(
    *, app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """Errors where HITL_NOTIFY_DETAIL or HITL_CHANNELS cannot be read."""
    del app_configs, options
    found: list[CheckMessage] = []
    known = Discretion.Detail.values
    if settings.HITL_NOTIFY_DETAIL not in known:
        found.append(Error(f"HITL_NOTIFY_DETAIL is none of {', '.join(known)}", id="notifications.E001"))
    try:
        channels()
    except ImportError as missing:
        found.append(Error(f"HITL_CHANNELS: {missing}", id="notifications.E002"))
    return found
