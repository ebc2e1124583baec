"""@approval: a tool whose use an admin decides ("required"), or whose decisions are recorded ("audit")."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar, overload

Marked = TypeVar("Marked")

STAMP = "__tool_approval__"


class ApprovalType(StrEnum):
    """Who decides, and what is kept of it."""

    required = "required"  # only an admin's decision lets the tool be used
    audit = "audit"  # whoever is asked decides; the decision is kept as a record


@overload
def approval(function: Marked, /) -> Marked: ...
@overload
def approval(*, type: ApprovalType | str = ...) -> Callable[[Marked], Marked]: ...
def approval(function: Any = None, /, *, type: ApprovalType | str = ApprovalType.required) -> Any:
    """Mark a tool; above or below `@tool`, with or without parentheses.

    "required" asks for a confirmation where the tool asks nothing else. Raises ValueError on an unknown type, and
    on "audit" for a tool at which nobody is asked anything.
    """
    kind = approval_type(type)

    def mark(target: Any) -> Any:
        changed = getattr(target, "changed", None)  # what `tool` has made of a function
        if changed is not None:
            return changed(approval_type=kind)
        setattr(target, STAMP, kind)
        return target

    return mark if function is None else mark(function)


def approval_type(value: ApprovalType | str) -> ApprovalType:
    """The member for a member or its string; ValueError for any other."""
    try:
        return ApprovalType(value)
    except ValueError:
        raise ValueError(f"Invalid approval type: '{value}'. Must be 'required' or 'audit'.") from None


def stamped(function: Any) -> ApprovalType | None:
    """What `approval` wrote at a function, or at the function whose method it is."""
    found: ApprovalType | None = getattr(function, STAMP, None)
    return found
