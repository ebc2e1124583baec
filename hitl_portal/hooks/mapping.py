"""Mapping: from what another program posts to what a workflow takes, as JSON in which texts that begin with `$` are
expressions (JSONPath, RFC 9535). Knows nothing of posts and sources.

An expression that can find one thing at most gives that thing, and where it finds nothing its member is left out; any
other gives the list of what it finds. A text that begins with `$$` is that text, less one `$`. Expressions take a time
that grows with the payload, whatever a stranger sends: `..` may stand once, not in a filter, and there are no regular
expressions.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 500
MOST_EXPRESSIONS = 200
MOST_FOUND = 1000
DEEPEST = 16
NOTHING = object()


class Unmapped(Exception):
    """The payload does not have what the mapping needs."""


def mapped(mapping: Any, payload: Any) -> Any:
    """What the mapping makes of a payload. Raises Unmapped where that is nothing, or too much."""
    made = _made(mapping, payload)
    if made is NOTHING:
        raise Unmapped("The mapping finds nothing in this body")
    return made


def check_mapping(mapping: Any) -> None:
    """Refuse, with ValidationError, a mapping that cannot work."""
    expressions = list(_expressions(mapping))
    if len(expressions) > MOST_EXPRESSIONS:
        raise ValidationError(
            _("A mapping has at most %(most)d expressions."), params={"most": MOST_EXPRESSIONS}
        )
    for expression in expressions:
        check_expression(expression)


def check_expression(text: str) -> None:
    """Refuse, with ValidationError, what is no expression, or one that may take too long."""
    said = {"expression": text[:80]}
    if len(text) > LONGEST:
        raise ValidationError(_("“%(expression)s…” is too long."), params=said)
    if text.count("..") > 1 or ("?" in text and ".." in text[text.index("?") :]):
        raise ValidationError(
            _("“%(expression)s” may take too long: “..” may stand once, and not in a filter."), params=said
        )
    from hitl_portal.hooks import expressions  # here, as its library takes longer than those of all models

    try:
        expressions.check(text)
    except expressions.WrongExpression as wrong:
        raise ValidationError(
            _("“%(expression)s” is no expression: %(problem)s"), params=said | {"problem": str(wrong)}
        ) from None


def _expressions(mapping: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValidationError(_("The mapping is nested too deeply."))
    if isinstance(mapping, dict | list):
        for inner in mapping.values() if isinstance(mapping, dict) else mapping:
            yield from _expressions(inner, depth + 1)
    elif _is_expression(mapping):
        yield mapping


def _is_expression(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("$") and not text.startswith("$$")


def _made(mapping: Any, payload: Any) -> Any:
    if isinstance(mapping, dict):
        made = {name: _made(inner, payload) for name, inner in mapping.items()}
        return {name: value for name, value in made.items() if value is not NOTHING}
    if isinstance(mapping, list):
        return [value for inner in mapping if (value := _made(inner, payload)) is not NOTHING]
    if _is_expression(mapping):
        return found(mapping, payload)
    return mapping[1:] if isinstance(mapping, str) and mapping.startswith("$$") else mapping


def found(expression: str, payload: Any) -> Any:
    """What an expression finds: one thing or NOTHING, or a list, as the expression is."""
    from hitl_portal.hooks import expressions  # as above

    looked_in = payload if isinstance(payload, dict | list) else []
    try:
        values, is_one = expressions.found(expression, looked_in, MOST_FOUND + 1)
    except expressions.WrongExpression as wrong:
        raise Unmapped(f"An expression of the mapping failed: {wrong}") from None
    if looked_in is not payload:
        values = [payload] if expression == "$" else []
    if len(values) > MOST_FOUND:
        raise Unmapped(f"“{expression}” finds more than {MOST_FOUND} things")
    return (values[0] if values else NOTHING) if is_one else values
