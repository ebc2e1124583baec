"""What the settings say of addresses must be readable: a typo must not open or close anything in silence."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from hitl_portal.outbound.addressing import Rules


def readable_rules(
    *, app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """An error where HITL_OUTBOUND_ALLOW or HITL_OUTBOUND_PORTS cannot be read."""
    del app_configs, options
    try:
        Rules.of_settings()
    except ValueError as wrong:
        return [Error(f"HITL_OUTBOUND_ALLOW or HITL_OUTBOUND_PORTS: {wrong}", id="outbound.E001")]
    return []
