"""What services refuse, as problems."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hitl_portal.problems import Problem
from workflows.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ClaimedByAnother,
    InvalidAnswer,
    InvalidInput,
    MalformedAnswer,
    NotEligible,
    RunFinished,
    SelfApproval,
    StaleRevision,
    UnkeepableInput,
    UnknownStep,
    UnknownWorkflow,
    Unresolved,
    WorkflowDisabled,
    WorkflowsError,
    WrongStatus,
)

# The problem that an error is; the first that fits counts.
KINDS: dict[type[WorkflowsError], str] = {
    MalformedAnswer: "malformed",
    SelfApproval: "self-approval",
    NotEligible: "not-eligible",
    AlreadyDecided: "already-decided",
    StaleRevision: "stale-revision",
    AlreadyVoted: "conflict",
    ClaimedByAnother: "conflict",
    UnknownWorkflow: "unknown-workflow",
    WorkflowDisabled: "workflow-disabled",
    InvalidInput: "validation",
    UnkeepableInput: "validation",
    UnknownStep: "unknown-step",
    RunFinished: "run-finished",
}
# What else the problem says of an error.
MORE: dict[type[WorkflowsError], Callable[[Any], dict[str, Any]]] = {
    MalformedAnswer: lambda wrong: {"errors": _at(wrong.pointer, wrong) if wrong.pointer else None},
    InvalidAnswer: lambda wrong: {"errors": [_of_field(*each) for each in wrong.by_field.items()]},
    AlreadyDecided: lambda late: {
        "decided_by": late.by,
        "decided_at": late.at.isoformat() if late.at else None,
    },
    StaleRevision: lambda late: {"current_revision": late.current},
    InvalidInput: lambda wrong: {"errors": [_of_input(*each) for each in wrong.by_field.items()]},
    UnkeepableInput: lambda wrong: {"errors": _at("/input", wrong)},
    UnknownStep: lambda wrong: {"errors": _at("/path", wrong)},
}


@contextmanager
def problems(invalid: str = "invalid-answer") -> Iterator[None]:
    """Tell what is refused of answers as a Problem; `invalid` is what one that does not fit is called here."""
    with _told(KINDS | {InvalidAnswer: invalid, WrongStatus: "not-paused", Unresolved: "unresolved"}):
        yield


@contextmanager
def run_problems() -> Iterator[None]:
    """Tell what is refused of a run as a whole as a Problem."""
    with _told(KINDS | {WrongStatus: "conflict"}):
        yield


@contextmanager
def _told(kinds: Mapping[type[WorkflowsError], str]) -> Iterator[None]:
    try:
        yield
    except tuple(kinds) as refused:
        kind = next(kind for error, kind in kinds.items() if isinstance(refused, error))
        more = next((tell(refused) for error, tell in MORE.items() if isinstance(refused, error)), {})
        raise Problem(kind, str(refused), **more) from None


def _at(pointer: str, wrong: Exception) -> list[dict[str, str]]:
    return [{"detail": str(wrong), "pointer": pointer}]


def _of_field(name: str, said: str) -> dict[str, str]:
    return {"detail": said, "field": name, "pointer": f"/{name}"}


def _of_input(name: str, said: str) -> dict[str, str]:
    return {"detail": said, "pointer": "/input" if name == "input" else f"/input/{name}"}
