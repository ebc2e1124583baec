"""Strict JSON: what programs send, read so that what was read can be kept."""

import json
import re
from typing import Any, NoReturn

DEEPEST = 64
# Databases refuse NUL and half a surrogate pair, which JSON can say.
NO_TEXT = re.compile(r"[\0\ud800-\udfff]")


def read(text: bytes | str) -> Any:
    """The data. Raises ValueError, or RecursionError, for what is not JSON: NaN and infinities too."""
    return json.loads(text, parse_constant=_refuse_constant)


def can_be_kept(value: Any, depth: int = 0) -> bool:
    """It is not nested too deeply, and all its characters are text."""
    if isinstance(value, dict):
        return depth < DEEPEST and all(
            can_be_kept(key) and can_be_kept(item, depth + 1) for key, item in value.items()
        )
    if isinstance(value, list):
        return depth < DEEPEST and all(can_be_kept(item, depth + 1) for item in value)
    return not isinstance(value, str) or NO_TEXT.search(value) is None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
