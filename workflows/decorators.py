"""@pause: what people are asked before a function runs, written at the function."""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

STAMP = "__workflow_pause__"


def pause(
    name: str | None = None,
    requires_confirmation: bool = False,
    confirmation_message: str | None = None,
    requires_user_input: bool = False,
    user_input_message: str | None = None,
    user_input_schema: list[Any] | None = None,
) -> Callable[[Function], Function]:
    """Stamp a function; a Step made of it takes these as its defaults. The function itself stays as it is."""
    review = {
        "requires_confirmation": requires_confirmation,
        "confirmation_message": confirmation_message,
        "requires_user_input": requires_user_input,
        "user_input_message": user_input_message,
        "user_input_schema": user_input_schema,
    }

    def stamp(function: Function) -> Function:
        setattr(function, STAMP, {"name": name, "review": review})
        return function

    return stamp


def stamped(function: Any) -> tuple[str | None, dict[str, Any]]:
    """The name and the settings that `pause` put on a function; none where it did not."""
    found = getattr(function, STAMP, None)
    return (found["name"], found["review"]) if found else (None, {})
