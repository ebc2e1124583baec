"""What the settings say of keys and signatures must be readable: a typo must not open or close anything in silence."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from hitl_portal.sealing import named_keys

SHORTEST = 32
SIGNED = ("off", "high-risk", "all")


def readable_keys(
    *, app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """An error where HITL_SECRET_KEYS cannot be read, a warning where one is short."""
    del app_configs, options
    try:
        keys = named_keys()
    except ValueError as wrong:
        return [Error(f"HITL_SECRET_KEYS: {wrong}", id="hitl_portal.E001")]
    short = [name for name, (secret, *_) in keys.items() if len(secret) < SHORTEST]
    return [
        Warning(f"HITL_SECRET_KEYS: {name} has less than {SHORTEST} characters", id="hitl_portal.W001")
        for name in short
    ]


def readable_signing(
    *, app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> Sequence[CheckMessage]:
    """An error where HITL_SIGNED_DECISIONS is none of the words that it may be."""
    del app_configs, options
    if settings.HITL_SIGNED_DECISIONS in SIGNED:
        return []
    return [Error(f"HITL_SIGNED_DECISIONS is one of: {', '.join(SIGNED)}", id="hitl_portal.E002")]
