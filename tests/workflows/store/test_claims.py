"""Which run is next: the priority first, then who has waited longest; and never more at once than there is room for."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.workflows.driving import a_flow, at_once, lease_over, started, statements
from tests.workflows.engine.runs import Recorder
from workflows import Workflow
from workflows.models import Priority, WorkflowRun
from workflows.models import Workflow as Registration
from workflows.services import Queueing
from workflows.store import claim, claim_run, next_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Workflow:
    return a_flow(Recorder().returning("done", name="step"))


def limit(flow: Workflow, **limits: Any) -> None:
    Registration.objects.filter(name=flow.id).update(**limits)


def taken(*flows: Workflow) -> list[WorkflowRun]:
    """The runs that can be claimed now, in the order in which they are."""
    names = [flow.id for flow in flows]
    found = []
    while (taken := claim("worker", names)) is not None:
        found.append(WorkflowRun.objects.get(id=taken.run_id))
    return found


def test_the_longest_waiting_run_is_taken_first(flow: Workflow) -> None:
    first, second = started(flow), started(flow)

    assert taken(flow) == [first, second]


def test_a_high_priority_is_taken_before_what_has_waited_longer(flow: Workflow) -> None:
    runs = {
        priority: started(flow, queueing=Queueing(priority=priority))
        for priority in (Priority.LOW, Priority.NORMAL, Priority.URGENT, Priority.HIGH)
    }

    assert taken(flow) == [runs[priority] for priority in sorted(runs, reverse=True)]


def test_a_run_has_the_priority_of_its_workflow(flow: Workflow) -> None:
    usual = started(flow)
    limit(flow, priority=Priority.HIGH)
    urgent = started(flow)

    assert taken(flow) == [urgent, usual]


def test_a_high_priority_that_is_not_due_yet_is_left(flow: Workflow) -> None:
    later, now = started(flow, queueing=Queueing(priority=Priority.URGENT)), started(flow)
    WorkflowRun.objects.filter(id=later.id).update(wake_at=timezone.now() + timedelta(hours=1))

    assert taken(flow) == [now]


def test_what_is_not_known_here_is_left(flow: Workflow) -> None:
    started(flow)

    assert claim("worker", ["another"]) is None
    assert claim("worker", []) is None


def test_no_more_runs_of_a_workflow_are_driven_than_its_limit(flow: Workflow) -> None:
    limit(flow, max_running=2)
    runs = [started(flow) for _ in range(3)]

    assert taken(flow) == runs[:2]
    lease_over(runs[0])  # its worker died: there is room again, for whoever has waited longest
    assert taken(flow) == [runs[2]]


def test_another_workflow_is_not_held_up_by_the_limit(flow: Workflow) -> None:
    other = a_flow(Recorder().returning("done", name="step"), id="other")
    limit(flow, max_running=1)
    runs = [started(flow), started(flow), started(other)]

    assert taken(flow, other) == [runs[0], runs[2]]


def test_what_a_script_drives_counts(flow: Workflow) -> None:
    limit(flow, max_running=1)
    driven = started(flow)
    started(flow)
    claim_run(driven.id, "script")

    assert taken(flow) == []


def test_runs_that_share_a_key_take_turns(flow: Workflow) -> None:
    limit(flow, max_per_key=1)
    runs = [started(flow, queueing=Queueing(key=key)) for key in ("shop", "shop", "bank", "", "")]

    assert taken(flow) == [runs[0], *runs[2:]]


def test_a_key_is_counted_over_all_workflows(flow: Workflow) -> None:
    other = a_flow(Recorder().returning("done", name="step"), id="other")
    limit(flow, max_per_key=1)
    started(flow, queueing=Queueing(key="shop"))
    first = started(other, queueing=Queueing(key="shop"))
    WorkflowRun.objects.filter(id=first.id).update(priority=Priority.HIGH)

    assert taken(flow, other) == [first]


def test_a_worker_sleeps_while_there_is_no_room(flow: Workflow) -> None:
    limit(flow, max_running=1)
    started(flow), started(flow)
    taken(flow)

    assert next_due([flow.id]) is None


def test_nothing_is_due_that_waits_for_long(flow: Workflow) -> None:
    run = started(flow)
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() + timedelta(hours=1))

    assert next_due([flow.id]) is None


def test_a_claim_is_two_statements_and_looking_in_vain_is_one(flow: Workflow) -> None:
    started(flow)

    assert len(statements(lambda: claim("worker", [flow.id]))) == 2
    assert len(statements(lambda: claim("worker", [flow.id]))) == 1


def test_a_long_queue_is_not_read_through(flow: Workflow) -> None:
    """What the database plans: the index of the queue, for each priority, and no table from end to end."""
    started(flow)
    explained = statements(lambda: claim("worker", [flow.id]))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {explained[0]}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
            assert plan.count("SEARCH r USING INDEX run_queue (priority=? AND wake_at<?)") == len(Priority)
            assert "SCAN r" not in plan


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_to_one_of_those_who_ask_at_once(flow: Workflow) -> None:
    limit(flow, max_running=2)
    for _ in range(10):
        started(flow)
    claims = at_once(*[lambda: claim("worker", [flow.id])] * 6)

    assert len([found for found in claims if found is not None]) == 2, claims


@pytest.mark.django_db(transaction=True)
def test_those_who_ask_at_once_get_different_runs(flow: Workflow) -> None:
    runs = {started(flow).id for _ in range(6)}
    claims = at_once(*[lambda: claim("worker", [flow.id])] * 6)

    assert {found.run_id for found in claims} == runs
