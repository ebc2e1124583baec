"""Canonical JSON (RFC 8785): one text for one meaning, so that its SHA-256 stands for the data.

Whole numbers beyond 2^53 are written as text: readers of JSON that know only doubles would change them, and databases
give floats of that size back as integers.
"""

import hashlib
import json
from decimal import Decimal
from typing import Any

import rfc8785

SAFE = 2**53 - 1

_QUOTED = json.encoder.encode_basestring
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(data: Any) -> bytes:
    """The text. Raises ValueError for what JSON cannot say: NaN, half characters."""
    if _is_simple(data):
        return _ENCODER.encode(data).encode()
    return rfc8785.dumps(_safe(data))


def quoted(text: str) -> str:
    """A text inside canonical JSON."""
    return _QUOTED(text)


def digest(data: Any) -> str:
    """The SHA-256 of the text, in hexadecimal digits."""
    return hashlib.sha256(canonical(data)).hexdigest()


def _is_simple(data: Any) -> bool:
    """Whether the standard library writes the same text, which it does five times as fast: no floats, and keys whose
    order in UTF-16 is no other than in Unicode."""
    kind = type(data)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(item) for key, item in data.items())
    if kind is list or kind is tuple:
        return all(map(_is_simple, data))
    if kind is int:
        return bool(-SAFE <= data <= SAFE)
    return data is None or kind is bool or isinstance(data, str)


def _safe(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _safe(item) for key, item in data.items()}
    if isinstance(data, list | tuple):
        return [_safe(item) for item in data]
    if isinstance(data, bool) or not isinstance(data, int | float) or -SAFE <= data <= SAFE or data != data:
        return data
    # The shortest text of a float is what a database keeps of it.
    return str(int(Decimal(repr(data)))) if abs(data) != float("inf") else data
