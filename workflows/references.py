"""References: a function of the author's as text (`module:qualified.name`), and back. For one's own data only:
resolving a reference imports the module."""

from importlib import import_module
from typing import Any


def reference(value: Any) -> Any:
    """What stands for a value in a dict: a function's address; anything else stays."""
    return f"{value.__module__}:{value.__qualname__}" if callable(value) else value


def resolve(value: Any) -> Any:
    """The function at an address; anything that is no address stays. ValueError when there is none."""
    if not isinstance(value, str) or ":" not in value:
        return value
    module, _, name = value.partition(":")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(f"No function at '{value}'") from None
    return found
