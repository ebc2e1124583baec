"""The sweep in real worker processes: within two seconds, once, and after a time in which nothing ran."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_run, a_workflow
from tests.waiting import eventually
from tests.workflows.driving import an_ask, events_of
from tests.workflows.hiring import Hire, kill
from workflows.models import Decision, Lead, Requirement, WorkerBeat
from workflows.types import OnTimeout, RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

LATE = timedelta(seconds=2)


def unanswered(requester: User, until: datetime) -> Requirement:
    """A question with a deadline, in a run that only a script could go on with."""
    run = a_run(requester, workflow=a_workflow("elsewhere"), status=RunStatus.paused)
    requirement = an_ask(run, on_timeout=OnTimeout.approve)
    Requirement.objects.filter(id=requirement.id).update(timeout_at=until)
    return requirement


def answered(requirement: Requirement) -> Decision:
    return eventually(requirement.decisions.first)


def workers(count: int) -> list[WorkerBeat] | None:
    beats = list(WorkerBeat.objects.all())
    return beats if len(beats) == count else None


def test_deadlines_pass_with_nobody_looking_once_and_in_time(hire: Hire, requester: User) -> None:
    hire(), hire()
    eventually(lambda: workers(2))
    now = timezone.now()
    moments = [now + timedelta(seconds=wait) for wait in (0.3, 0.7, 1.1, 1.5)]
    asked = [unanswered(requester, moment) for moment in moments]

    for requirement, moment in zip(asked, moments, strict=True):
        assert timedelta(0) <= answered(requirement).decided_at - moment < LATE
        assert events_of(requirement.run) == ["RequirementDecided"]


def test_what_was_due_while_nothing_ran_is_done_by_the_first_that_is_back(
    hire: Hire, requester: User
) -> None:
    asked = [unanswered(requester, timezone.now() - timedelta(hours=1)) for _ in range(3)]
    hire(), hire()

    began = min(beat.started_at for beat in eventually(lambda: workers(2)))
    for requirement in asked:
        assert answered(requirement).decided_at - began < LATE
        assert events_of(requirement.run) == ["RequirementDecided"]


def test_when_the_leader_dies_another_one_goes_on(hire: Hire, requester: User) -> None:
    hired = {f":{process.pid}": process for process in (hire(), hire())}
    eventually(lambda: workers(2))
    leader = eventually(Lead.objects.first).owner
    kill(next(process for end, process in hired.items() if leader.endswith(end)))
    requirement = unanswered(requester, timezone.now())

    answered(requirement)
    assert Lead.objects.get().owner != leader
