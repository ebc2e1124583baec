"""What the settings say of keys must be readable: without them nothing that is sealed can be opened."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning

from hitl_portal.sealing import named_keys

SHORTEST = 32


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
