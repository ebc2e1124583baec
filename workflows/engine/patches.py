"""JSON merge patches (RFC 7396) over plain dicts: what changed, applying it, and two of them as one."""

from typing import Any


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The patch that makes `new` of `old`. A key that is gone, or set to None, is None in the patch."""
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif isinstance(value, dict) and isinstance(old[key], dict):
            inner = difference(old[key], value)
            if inner:
                patch[key] = inner
        elif value != old[key] or type(value) is not type(old[key]):
            patch[key] = value
    return patch


def apply(target: dict[str, Any], patch: dict[str, Any]) -> None:
    """Change `target` in place."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict):
            apply(target[key], value)
        else:
            target[key] = value


def combine(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The patch that does what `first` and then `second` do."""
    both = dict(first)
    for key, value in second.items():
        known = both.get(key)
        both[key] = combine(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return both
