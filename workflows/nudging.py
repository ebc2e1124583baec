"""Nudging: tells the transport that a run is due. Nothing depends on it: the table is the queue, and the sweep finds
what no nudge has told of. Which transport there is, a setting says; this module knows none of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from workflows import points

if TYPE_CHECKING:
    from workflows.registry import Definition

OWN = ("database", "procrastinate", "celery", "tasks")
EXTRA = {"tasks": "django-tasks"}


@dataclass(frozen=True, kw_only=True)
class Crew:
    """A worker process: its name, the workflows that it has the code of, and how many runs it drives at a time."""

    name: str
    workflows: "Mapping[str, Definition]"
    concurrency: int = 4


class Transport(Protocol):
    """How workers hear that something is due: a module with these two functions."""

    def nudge(self, run_id: UUID) -> None:
        """Let some worker look soon, once the transaction that is open is committed; never raises for a broker that
        is away."""

    def work(self, crew: Crew) -> None:
        """Work in this process until SIGTERM or Ctrl-C; then let the calls in flight come back, and return."""


def nudge(run_id: UUID) -> None:
    """A run is due, or will be when the transaction is committed."""
    points.reached("notify.before")
    transport(name()).nudge(run_id)
    points.reached("notify.after")


def name() -> str:
    """The transport that the settings name."""
    return str(getattr(settings, "HITL_TRANSPORT", OWN[0]))


@cache
def transport(named: str) -> Transport:
    """A transport: one of ours by its name, or a module by its path. Raises ImproperlyConfigured where its package
    is not installed."""
    module = f"workflows.transports.{named}" if named in OWN else named
    try:
        return cast("Transport", import_module(module))
    except ModuleNotFoundError as missing:
        extra = EXTRA.get(named, named)
        raise ImproperlyConfigured(
            f"HITL_TRANSPORT={named}: {missing}; install hitl-portal[{extra}]"
        ) from missing
