"""Notes and the outbox follow from the log: each event once for each person, as each of them wants it."""

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hitl_portal.notifications import deriving
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Dispatch, Mute, Note, Position
from tests.hitl_portal.notifications.conftest import names, opened, wants
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from tests.workflows.driving import at_once, failures
from workflows import policy, tail
from workflows.models import Requirement, WorkflowRun

pytestmark = pytest.mark.django_db


def test_each_note_goes_down_each_way_once(told: Told, requirement: Requirement, reviewer: User) -> None:
    opened(requirement)
    derive(), derive()

    assert [(row.channel, row.person) for row in Dispatch.objects.all()] == [("told", reviewer)]
    assert Note.objects.get().in_page


def test_what_somebody_has_switched_off_is_not_even_noted(
    told: Told, requirement: Requirement, reviewer: User, admin: User
) -> None:
    wants(reviewer, page="off", told="off")
    opened(requirement)
    derive()

    assert names() == ["admin"]


def test_off_in_the_page_does_not_keep_it_from_being_sent(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    wants(reviewer, page="off")
    opened(requirement)
    derive()

    assert not Note.objects.get().in_page
    assert Dispatch.objects.count() == 1


def test_of_a_workflow_that_is_muted_nothing_is_told(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    Mute.objects.create(person=reviewer, workflow=requirement.run.workflow)
    opened(requirement)

    assert derive() == 0


def test_once_a_day_waits_for_the_daily_message(told: Told, requirement: Requirement, reviewer: User) -> None:
    wants(reviewer, told="digest")
    opened(requirement)
    derive()

    found = Dispatch.objects.get()
    assert found.together
    assert found.next_try_at is not None
    assert found.next_try_at > timezone.now()


def test_what_is_decided_counts_as_read(told: Told, requirement: Requirement, reviewer: User) -> None:
    opened(requirement)
    derive()
    Requirement.objects.update(status="applied")
    an_event(requirement.run, type="DecisionReleased", requirement=requirement, data={"revision": 1})
    derive()

    assert Note.objects.get(person=reviewer).read_at is not None


def test_what_is_still_open_in_the_same_run_does_not(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    opened(requirement)
    other = a_requirement(requirement.run, path="pay", status="applied")
    an_event(requirement.run, type="DecisionReleased", requirement=other, data={"revision": 1})
    derive()

    assert Note.objects.get(person=reviewer, kind="waits").read_at is None


def test_a_change_that_was_rolled_back_is_not_told(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    with transaction.atomic():
        opened(requirement)
        transaction.set_rollback(True)

    assert derive() == 0


def test_it_costs_the_same_for_few_people_as_for_many(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    an_event(requirement.run)  # so that no number is taken for jumped over
    few = queries_of_all_kinds(requirement)
    for number in range(12):
        person = a_person(f"reviewer {number}", policy.REVIEWERS)
        wants(person, told="digest")
        Mute.objects.create(person=person, workflow=requirement.run.workflow)
    for _number in range(3):
        other = a_requirement(a_run())
        a_decision(other, reviewer)
        opened(other)
    many = queries_of_all_kinds(requirement)

    assert many <= few <= 24


def queries_of_all_kinds(requirement: Requirement) -> int:
    opened(requirement)
    an_event(requirement.run, type="RequirementReminded", requirement=requirement)
    an_event(requirement.run, type="DecisionReleased", requirement=requirement, data={"revision": 1})
    with CaptureQueriesContext(
        connection,
    ) as queries:
        derive()
    return len(queries)


def test_without_news_it_costs_two_queries(told: Told, run: WorkflowRun) -> None:
    an_event(run)
    Position.objects.update(sequence=tail.latest())  # so that no number is taken for jumped over
    an_event(run)
    derive()
    with CaptureQueriesContext(connection) as queries:
        derive()

    assert len(queries) == 2


def test_a_long_log_is_read_a_few_events_at_a_time(
    told: Told, run: WorkflowRun, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "MOST", 2)
    for number in range(5):
        opened(a_requirement(run, path=f"step {number}"))

    assert [derive() for _round in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_the_same_moment_tell_nothing_twice(
    told: Told, requirement: Requirement, reviewer: User
) -> None:
    for number in range(10):
        opened(a_requirement(requirement.run, path=f"step {number}"))
    results = at_once(derive, derive, derive)

    assert list(failures(results)) == []
    assert (Note.objects.count(), Dispatch.objects.count()) == (10, 10)
