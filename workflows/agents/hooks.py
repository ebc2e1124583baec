"""Hooks: what an author has happen around every use of a tool.

`pre_hook` and `post_hook` are told (`fc`, a FunctionCall that they may change); a tool hook stands around the use
and calls `function_call(**arguments)` itself. Any of them, and the tool, may be async: what is written here once
gives a result, or from the first awaitable on an awaitable of it.
"""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.agents.signature import GIVEN

if TYPE_CHECKING:
    from workflows.agents.function import Function

Hook = Callable[..., Any]
Steps = Generator[Any, Any, Any]


@dataclass(kw_only=True)
class FunctionCall:
    """One use of a tool, as hooks see it; what they change counts."""

    function: "Function"
    arguments: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: str | None = None


def wanted(hooks: Sequence[Hook | None]) -> frozenset[str]:
    """What hooks ask for that only the run can give."""
    names = {name for hook in hooks if hook for name in inspect.signature(hook).parameters}
    return frozenset(names & set(GIVEN))


def told(hook: Hook | None, call: FunctionCall, given: Mapping[str, Any]) -> Any:
    """Call a pre_hook or post_hook with what it asks for by name."""
    return None if hook is None else _by_name(hook, {**given, "fc": call, "function_call": call})


def around(
    hooks: Sequence[Hook], name: str, use: Callable[..., Any], given: Mapping[str, Any]
) -> Callable[..., Any]:
    """`use` with hooks around it, the first one outermost."""
    for hook in reversed(hooks):
        use = _wrapped(hook, name, use, given)
    return use


def finished(steps: Steps) -> Any:
    """The result of steps that yield what may have to be awaited; an awaitable of it where something has to."""
    try:
        value = next(steps)
        while not inspect.isawaitable(value):
            value = steps.send(value)
    except StopIteration as end:
        return end.value
    return _awaited(steps, value)


def is_async(function: Callable[..., Any]) -> bool:
    """Its result has to be awaited."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


async def _awaited(steps: Steps, value: Any) -> Any:
    go_on: Callable[[Any], Any]
    while True:
        try:
            answer, go_on = await value, steps.send
        except Exception as error:
            answer, go_on = error, steps.throw
        try:
            value = go_on(answer)
            while not inspect.isawaitable(value):
                value = steps.send(value)
        except StopIteration as end:
            return end.value


def _wrapped(hook: Hook, name: str, use: Callable[..., Any], given: Mapping[str, Any]) -> Callable[..., Any]:
    def call(**arguments: Any) -> Any:
        names = {"function_name": name, "name": name, "arguments": arguments, "args": arguments}
        return _by_name(hook, {**given, **names, **dict.fromkeys(("function_call", "function", "func"), use)})

    async def acall(**arguments: Any) -> Any:
        result = call(**arguments)
        return await result if inspect.isawaitable(result) else result

    return acall if is_async(hook) or is_async(use) else call


def _by_name(hook: Hook, available: Mapping[str, Any]) -> Any:
    names = inspect.signature(hook).parameters
    return hook(**{name: available[name] for name in names if name in available})
