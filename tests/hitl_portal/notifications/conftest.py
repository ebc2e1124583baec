"""A portal in which one channel is open, which keeps what it is handed; and what has happened so far was told."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from hitl_portal.notifications import outbox
from hitl_portal.notifications.channels import channels
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Choices, Note, Position
from hitl_portal.notifications.sending import send
from tests.hitl_portal.notifications.told import PATH, Told
from tests.rows import a_requirement, a_run, an_event
from workflows import tail
from workflows.models import Requirement, RunEvent, WorkflowRun

Happen = Callable[..., RunEvent]


@pytest.fixture
def told(db: None, settings: LazySettings) -> Told:
    """Give the only channel that there is."""
    settings.HITL_CHANNELS = [PATH]
    channel = channels()["told"]
    assert isinstance(channel, Told)
    channel.__init__()  # type: ignore[misc]
    Position.objects.update_or_create(pk=1, defaults={"sequence": tail.latest(), "gaps": {}})
    return channel


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    """Give a run of the requester's that waits."""
    return a_run(requester, status="PAUSED")


@pytest.fixture
def requirement(run: WorkflowRun) -> Requirement:
    """Give a question that reviewers and admins may decide."""
    return a_requirement(run, message="Pay 249.50?")


def opened(requirement: Requirement) -> RunEvent:
    """The event that somebody is asked."""
    return an_event(requirement.run, type="StepPaused", requirement=requirement)


def names(kind: str = "") -> list[str]:
    """Who has a note, of a kind where one is given."""
    notes = Note.objects.filter(kind=kind) if kind else Note.objects.all()
    return sorted(notes.values_list("person__username", flat=True))


def wants(person: User, **modes: str) -> None:
    """Say how somebody wants to be told of everything: `wants(reviewer, page="off")`."""
    from hitl_portal.notifications.kinds import Kind

    Choices.objects.update_or_create(person=person, defaults={"modes": dict.fromkeys(Kind.values, modes)})


def carried() -> int:
    """Write notes and send what is due, as the sweep does; how many messages that was."""
    derive()
    number = 0
    while (parcel := outbox.claim()) is not None:
        send(parcel)
        number += 1
    return number
