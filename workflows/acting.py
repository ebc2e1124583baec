"""Acting: who does something, and the event that tells of it, by which its run may become due. Under every service."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows import tracing
from workflows.errors import NotEligible
from workflows.models import Requirement, WorkflowRun
from workflows.nudging import nudge
from workflows.store import Rows, Wake, append

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something, and through which door: portal, link, admin, api, script or timer. `via` names the machine
    that acts for a person: "token nightly"."""

    name: str
    channel: str
    person: "User | None" = None
    via: str = ""

    @classmethod
    def of(cls, person: "User", channel: str = "portal") -> "Actor":
        """A signed-in person."""
        return cls(name=person.get_username(), channel=channel, person=person)

    @property
    def facts(self) -> dict[str, str]:
        """What events say of them besides the name."""
        return {"via": self.via} if self.via else {}


TIMER = Actor(name="timer", channel="timer")
# Who tells of what follows from the rules alone.
ENGINE = Actor(name="engine", channel="timer")

# Whoever runs a script has the database at hand; what a script may not decide, policy says.
SCRIPT_CHANNEL = "script"
# Only what is decided on the portal's pages can be undone; an answer link leads to one of them.
PORTAL_CHANNEL, LINK_CHANNEL = "portal", "link"
ON_PAGES = (PORTAL_CHANNEL, LINK_CHANNEL)

# The run that has asked a requirement; and that with who works on it.
LOCKED = Rows(
    WorkflowRun,
    'own."id" = (SELECT "run_id" FROM "workflows_requirement" WHERE "id" = %s)',
    lock=True,
)
ASSIGNED = Rows(Requirement, 'own."id" = %s', along=("assignee",))


def person_of(actor: Actor) -> "User":
    """The person who acts. Raises NotEligible for a machine."""
    if actor.person is None:
        raise NotEligible(f"{actor.name} is nobody who could do this")
    return actor.person


def locked(requirement_id: UUID | str, using: str) -> Requirement:
    """The requirement, with its run locked: a worker that lets go of the run waits, and then sees what was done.

    An id may be a text, as approvals have it.
    """
    key = UUID(str(requirement_id))
    run = LOCKED.one(using, key)
    requirement = ASSIGNED.one(using, key)
    requirement.run = run
    return requirement


def append_event(
    run: WorkflowRun,
    type: str,
    actor: Actor,
    *,
    requirement: Requirement | None = None,
    data: dict[str, Any] | None = None,
    due: datetime | None = None,
) -> None:
    """Write down what somebody did to a run; in the transaction that does it.

    `due`: from then on somebody shall go on with the run, unless it is due before; whoever drives it looks once more
    before letting go.
    """
    path, asked = (requirement.path, requirement.id) if requirement else ("", None)
    using = run._state.db or DEFAULT_DB_ALIAS
    wake = None if due is None or run.lease_owner else Wake(at=due, trace=tracing.carried())
    append(run, (type, path, asked, actor.name, (data or {}) | actor.facts, timezone.now()), using, wake)
    ids = {"run": run.id, "requirement": requirement.id if requirement else ""}
    transaction.on_commit(partial(log.info, "%s through %s", type, actor.channel, extra=ids), using=using)
    if wake is not None and wake.at <= timezone.now():
        nudge(run.id)
