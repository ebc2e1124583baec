"""What a check is, and what it finds: a state, what was seen, and what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SECONDS = 10.0


class State(StrEnum):
    """How it stands; the worst comes last."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one look has found, in words of the viewer's language; `remedy` is empty where nothing is to be done."""

    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing to look at. `look` may take `seconds`; what it raises counts as failed."""

    name: str
    title: "str | _StrPromise"
    looked_at: "str | _StrPromise"
    look: Callable[[], Finding]
    seconds: float = SECONDS


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Checks that belong together."""

    name: str
    title: "str | _StrPromise"
    checks: tuple[Check, ...]


def ok(found: str) -> Finding:
    """It is as it should be."""
    return Finding(state=State.OK, found=found)


def skipped(found: str, remedy: str = "") -> Finding:
    """It was not looked at, and why."""
    return Finding(state=State.SKIPPED, found=found, remedy=remedy)


def warning(found: str, remedy: str) -> Finding:
    """It works, and should be otherwise."""
    return Finding(state=State.WARNING, found=found, remedy=remedy)


def failed(found: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(state=State.FAILED, found=found, remedy=remedy)


def worst(states: Iterable[State]) -> State:
    """The state that counts for all of them together."""
    return max(states, key=list(State).index, default=State.OK)


def together(findings: Iterable[Finding], fine: str) -> Finding:
    """One finding of several about the same thing: what is wrong with each, or `fine` where nothing is."""
    wrong = [finding for finding in findings if finding.state is not State.OK]
    if not wrong:
        return ok(fine)
    return Finding(
        state=worst(finding.state for finding in wrong),
        found=" ".join(finding.found for finding in wrong),
        remedy=" ".join(finding.remedy for finding in wrong),
    )
