"""Expressions: JSONPath (RFC 9535) without regular expressions, which can take for ever."""

from functools import lru_cache
from itertools import islice
from typing import Any

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError


class WrongExpression(ValueError):
    """A text that is no expression, or one that failed."""


class _Environment(JSONPathEnvironment):
    def setup_function_extensions(self) -> None:
        """All that the RFC has but `match` and `search`."""
        super().setup_function_extensions()
        for name in set(self.function_extensions) - {"length", "count", "value"}:
            del self.function_extensions[name]


ENVIRONMENT = _Environment(strict=True)


def check(text: str) -> None:
    """Raise WrongExpression, saying what is wrong, for what is none."""
    try:
        _compiled(text)
    except JSONPathError as wrong:
        raise WrongExpression(str(wrong).splitlines()[0]) from None


def found(text: str, payload: dict[str, Any] | list[Any], most: int) -> tuple[list[Any], bool]:
    """What an expression finds, no more than `most` of it; and whether it is one that finds one thing at most."""
    try:
        path = _compiled(text)
        values = [match.obj for match in islice(path.finditer(payload), most)]
    except JSONPathError as wrong:
        raise WrongExpression(type(wrong).__name__) from None
    return values, isinstance(path, JSONPath) and path.singular_query()


@lru_cache(maxsize=512)
def _compiled(text: str) -> JSONPath | CompoundJSONPath:
    return ENVIRONMENT.compile(text)
