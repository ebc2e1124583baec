"""StepFunction: an author's function, inspected once: what it wants to be given and how its result arrives."""

import inspect
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from workflows.types import StepOutput
from workflows.types.step_io import as_text

# What a function may ask for by name, besides its first argument; which of them there are depends on its place.
EXTRAS = ("session_state", "run_context", "step_choices", "current_iteration", "max_iterations")


@dataclass(kw_only=True)
class Yielded:
    """What a generator function yielded: its pieces, and the step output among them that came last."""

    pieces: list[Any] = field(default_factory=list)
    output: StepOutput | None = None

    def take(self, item: Any) -> None:
        """One more item."""
        if isinstance(item, StepOutput):
            self.output = item
        elif item is not None:
            self.pieces.append(item)

    @property
    def events(self) -> list[Any]:
        """The pieces that are events of the author's own."""
        return [piece for piece in self.pieces if hasattr(piece, "event")]

    def result(self) -> StepOutput:
        """The step's output: the last one yielded or returned, else the pieces as one text."""
        if self.output is not None:
            return self.output
        texts = [as_text(piece) for piece in self.pieces if not hasattr(piece, "event")]
        return StepOutput(content="".join(texts))


@dataclass(frozen=True, kw_only=True)
class StepFunction:
    """A callable and which of EXTRAS it declares. `call` gives a value, an awaitable, or what was yielded."""

    call: Callable[..., Any]
    name: str
    wants: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "StepFunction":
        """Inspect a function; ValueError for what cannot be called with one argument and the extras it names."""
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
        return cls(call=_drained(function), name=name, wants=wants)


def _drained(function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator function as one that gives everything it yielded; any other function stays."""
    if not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)):
        return function

    @wraps(function)
    def drain(*args: Any, **kwargs: Any) -> Any:
        return drained(function(*args, **kwargs))

    return drain


def drained(result: Any) -> Any:
    """Of a generator, everything that it yields (of an async one, an awaitable of that); any other result itself."""
    if inspect.isasyncgen(result):
        return _adrained(result)
    if not inspect.isgenerator(result):
        return result
    yielded = Yielded()
    try:
        while True:
            yielded.take(next(result))
    except StopIteration as end:
        yielded.take(end.value)
    return yielded


async def _adrained(generator: AsyncIterable[Any]) -> Yielded:
    yielded = Yielded()
    async for item in generator:
        yielded.take(item)
    return yielded
