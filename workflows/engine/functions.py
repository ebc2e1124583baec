"""StepFunction: an author's function, inspected once: what it wants to be given and how its result arrives."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# What a function may ask for by name, besides the StepInput that comes first.
EXTRAS = ("session_state", "run_context")


@dataclass(frozen=True, kw_only=True)
class StepFunction:
    """A callable and which of EXTRAS it declares."""

    call: Callable[..., Any]
    name: str
    wants: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "StepFunction":
        """Inspect a function; ValueError for what cannot be called with a StepInput."""
        if not callable(function):
            raise ValueError(f"{function!r} is not a function")
        signature = inspect.signature(function)
        parameters = signature.parameters
        takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
        wants = frozenset(name for name in EXTRAS if takes_any or name in parameters)
        name = getattr(function, "__name__", type(function).__name__)
        try:
            signature.bind(None, **dict.fromkeys(wants))
        except TypeError as wrong:
            raise ValueError(f"{name}{signature} cannot be called with a StepInput: {wrong}") from None
        return cls(call=function, name=name, wants=wants)
