"""Redacting: what a log may show of a post. Secrets are known by the names they stand under, and by how they look."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

REDACTED = "[redacted]"
LONGEST = 8_000
LONGEST_HEADER = 200
SHOWN = ("content-type", "content-length", "user-agent", "accept")
SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase|code)?$|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|authori[sz]ation|credential"
    r"|cookie|session[_-]?id|signature|^(pin|otp|cvc|cvv|pwd)$|card[_-]?number|iban$",
    re.IGNORECASE,
)
# What the secrets of well-known services begin with; bearer tokens; JWTs; private keys.
SECRETS = re.compile(
    r"whsec_[\w+/=-]+|(?:sk|rk|pk)_(?:live|test)_\w+|sk-[\w-]{16,}|gh[opusr]_\w{16,}|github_pat_\w+|glpat-[\w-]+"
    r"|xox[a-z]-[\w-]+|xapp-[\w-]+|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|(?i:bearer|basic) [\w.~+/=-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
)
# Of what is no JSON: a name, and what stands after it.
NAMED = re.compile(
    r"""(?i)(["']?[\w.-]*(?:pass(?:word|wd)?|secret|token|api[_-]?key|authorization|credential|cookie|signature)[\w.-]*"""
    r"""["']?\s*[:=]\s*["']?)([^\s"'&,;}]+)"""
)


def redacted_headers(headers: Mapping[str, str], shown: Iterable[str]) -> dict[str, str]:
    """The headers; of those that are not known to be harmless, their names alone."""
    harmless = {*SHOWN, *shown}
    return {
        name: _without_secrets(value, ())[:LONGEST_HEADER] if name in harmless else REDACTED
        for name, value in sorted(headers.items())
    }


def redacted_data(value: Any, known: Iterable[str] = ()) -> Any:
    """Data without what looks like a secret, and without the texts that are `known` to be one."""
    if isinstance(value, dict):
        return {
            _without_secrets(name, known): REDACTED
            if SECRET_NAMES.search(name) and inner not in (None, "", True, False)
            else redacted_data(inner, known)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redacted_data(inner, known) for inner in value]
    return _without_secrets(value, known) if isinstance(value, str) else value


def excerpt(body: bytes, known: Iterable[str] = ()) -> str:
    """The beginning of a body as it may be shown: JSON with indents, else the text."""
    known = tuple(known)
    try:
        data = json.loads(body)
        said = json.dumps(redacted_data(data, known), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = body[: 4 * LONGEST].decode("utf-8", "replace")
        said = NAMED.sub(rf"\1{REDACTED}", _without_secrets(text, known))
    said = said.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _without_secrets(text: str, known: Iterable[str]) -> str:
    for secret in known:
        text = text.replace(secret, REDACTED)
    return SECRETS.sub(REDACTED, text)
