"""Ports: what the authors' facade needs of whatever keeps its runs. No Django here, and none in the facade."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from workflows.engine.drivers import Begun
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.plan import Plan
from workflows.run.building import AnyRequirement
from workflows.run.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a run is started with. `session_state` fills what a session lacks, or replaces what it has where asked."""

    input: Any = None
    additional_data: dict[str, Any] | None = None
    dependencies: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    media: dict[str, list[Any]] = field(default_factory=dict)
    user_id: str | None = None
    run_id: str | None = None
    session_id: str | None = None
    session_state: dict[str, Any] = field(default_factory=dict)
    overwrite_session_state: bool = False

    @property
    def lasting(self) -> dict[str, Any]:
        """What is kept with the run, under the names of the engine's Inputs."""
        names = ("input", "additional_data", "dependencies", "metadata", "media", "user_id")
        return {name: getattr(self, name) for name in names}


class Driven(Protocol):
    """One run that this process drives."""

    machine: Machine

    def begun(self) -> Begun | None:
        """The first step, where it was taken as the run was made or claimed; None from then on."""

    def save(self, machine: Machine) -> list[Event]:
        """Write what changed; the events are for whoever follows."""

    def kept(self) -> AbstractContextManager[None]:
        """While it is driven nobody else takes it over."""

    def more(self) -> bool:
        """Whether people have decided meanwhile, so that it must be driven on."""

    @property
    def facts(self) -> Facts:
        """What is known of it besides its machine."""


# A run as it stands, which nobody drives on.
Look = tuple[Machine, Facts]


class Runs(Protocol):
    """All runs of a database."""

    def start(self, plan: Plan, given: Given) -> Driven:
        """A new run."""

    def resume(
        self, plan: Plan, run_id: str, session_id: str | None, answers: list[AnyRequirement], decided_by: str
    ) -> Driven:
        """A paused run, with what was answered. Raises ValueError in the words of spec 3.9."""

    def look(self, plan: Plan, run_id: str, session_id: str | None) -> "Look | None":
        """A run to look at; None when there is none."""

    def run_ids(self, plan: Plan, session_id: str) -> list[str]:
        """The runs of a session, newest last."""

    def state(self, session_id: str) -> dict[str, Any] | None:
        """A session's state; None when there is no such session."""

    def cancel(self, run_id: str) -> bool:
        """End a run; False when it has ended already, or never was."""
