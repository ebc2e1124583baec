"""The outbox follows from the log: each event once for each endpoint that is to hear of it, none missed."""

from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from hitl_portal import log_position
from hitl_portal.outbound.deriving import derive
from hitl_portal.outbound.models import Delivery, Position
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.rows import a_run, a_workflow, an_event
from tests.workflows.driving import at_once, failures
from workflows.models import RunEvent, WorkflowRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> WorkflowRun:
    return a_run()


def ended(run: WorkflowRun, **fields: Any) -> RunEvent:
    return an_event(run, **{"type": "WorkflowCompleted"} | fields)


def told() -> list[int | None]:
    return list(Delivery.objects.order_by("event").values_list("event", flat=True))


def test_each_event_is_told_once_to_each_endpoint(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    endpoint(), endpoint("ledger")
    event = ended(run)

    assert (derive(), derive()) == (2, 0)
    assert told() == [event.sequence, event.sequence]


def test_what_was_before_the_endpoint_is_not_for_it(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    ended(run)
    endpoint()

    assert derive() == 0


def test_a_later_endpoint_hears_only_of_what_comes_after_it(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    endpoint()
    ended(run)
    later, _ = endpoint("ledger")
    event = ended(run)

    assert derive() == 3
    assert [delivery.event for delivery in later.deliveries.all()] == [event]


def test_only_of_the_events_that_were_chosen(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    endpoint(events=["run.failed"])
    ended(run), ended(run, type="WorkflowError")
    derive()

    assert Delivery.objects.get().type == "run.failed"


def test_only_of_the_workflows_that_were_chosen(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    chosen, _ = endpoint()
    chosen.workflows.add(a_workflow("offsite"))
    ended(run), ended(a_run(workflow=a_workflow("offsite")))

    assert derive() == 1
    assert Delivery.objects.get().event == RunEvent.objects.last()


def test_while_it_is_off_nothing_is_put_aside_for_it(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    found, _ = endpoint()
    found.switch_off()
    ended(run)
    assert derive() == 0

    found.switch_on()
    event = ended(run)
    assert (derive(), told()) == (1, [event.sequence])


def test_a_change_that_was_rolled_back_is_not_told(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    endpoint()
    with transaction.atomic():
        ended(run)
        transaction.set_rollback(True)

    assert derive() == 0


def test_what_commits_after_a_later_number_is_told_too(endpoint: MakeEndpoint, run: WorkflowRun) -> None:
    endpoint()
    start = ended(run).sequence
    ended(run, sequence=start + 3)
    derive()
    ended(run, sequence=start + 1)  # by whichever process reads next: the gap is kept with the position

    assert (derive(), derive()) == (1, 0)
    assert told() == [start, start + 1, start + 3]


def test_a_gap_is_looked_for_once_more_after_nobody_has_looked_for_long(
    endpoint: MakeEndpoint, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint()
    start = ended(run).sequence
    ended(run, sequence=start + 2)
    derive()
    ended(run, sequence=start + 1)
    monkeypatch.setattr(log_position, "PATIENCE", -1.0)

    assert derive() == 1


def test_a_number_that_never_comes_is_forgotten(
    endpoint: MakeEndpoint, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = ended(run).sequence
    endpoint()
    ended(run, sequence=start + 5)
    derive()
    assert len(Position.objects.get().gaps) == 4

    monkeypatch.setattr(log_position, "PATIENCE", -1.0)
    derive()
    assert Position.objects.get().gaps == {}


def test_a_long_log_is_read_a_batch_at_a_time(
    endpoint: MakeEndpoint, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_position, "BATCH", 2)
    endpoint()
    events = [ended(run, type=type) for type in ("WorkflowStarted", "StepCompleted", "WorkflowPaused")]

    assert (derive(), derive(), derive()) == (1, 1, 0)
    assert told() == [events[0].sequence, events[2].sequence]


def test_without_endpoints_it_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        derive()


def test_without_news_it_costs_no_transaction(
    endpoint: MakeEndpoint, run: WorkflowRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(run)  # before it, so that no number is taken for jumped over
    endpoint()
    ended(run)
    derive()

    with django_assert_num_queries(4):  # endpoints, their workflows, the position, the end of the log
        derive()


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_the_same_moment_tell_nothing_twice(endpoint: MakeEndpoint) -> None:
    run = a_run()
    endpoint()
    ended(run)
    derive()
    events = [ended(run) for _ in range(20)]
    results = at_once(derive, derive, derive)

    assert list(failures(results)) == []
    assert told()[1:] == [event.sequence for event in events]
