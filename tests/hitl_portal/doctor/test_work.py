"""Workers that have stopped, queues that are full, leads that nobody has, clocks of workers that are ahead."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from hitl_portal.doctor import clocks, hearing, work
from hitl_portal.doctor.findings import Finding, State
from hitl_portal.outbound.models import Delivery, Endpoint, EventType
from tests.brokers import a_broker
from tests.e2e.portal import free_port
from tests.rows import a_requirement, a_run
from workflows.attendance import MISSING, Lead, leave, take_lead
from workflows.models import Requirement, WorkerBeat, WorkflowRun
from workflows.sweep import DUTY, LEAD

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def hired(workflows: list[str] | None = None, transport: str = "database") -> WorkerBeat:
    now = timezone.now()
    return WorkerBeat.objects.create(
        name="host:1", transport=transport, workflows=workflows or [], started_at=now, seen_at=now
    )


def due(since: timedelta, **more: Any) -> WorkflowRun:
    run = a_run()
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() - since, **more)
    return run


def says(finding: Finding, state: State, words: str) -> bool:
    return finding.state is state and words in f"{finding.found} {finding.remedy}"


def test_a_worker_that_lives_is_named() -> None:
    hired()

    assert says(work.workers(), State.OK, "host:1")


def test_without_a_worker_nothing_goes_on() -> None:
    assert says(work.workers(), State.FAILED, "manage.py work")


def test_a_worker_that_has_died_is_none() -> None:
    hired()
    WorkerBeat.objects.update(seen_at=timezone.now() - MISSING - timedelta(seconds=60))

    assert says(work.workers(), State.FAILED, "75 s ago")


def test_a_worker_that_was_stopped_is_none() -> None:
    leave(hired().name)

    assert work.workers().state is State.FAILED


def test_a_worker_that_listens_elsewhere_is_told_of() -> None:
    hired(transport="celery")

    assert says(work.workers(), State.WARNING, "HITL_TRANSPORT")


def test_a_queue_that_moves_is_well() -> None:
    hired()

    assert says(work.queue(), State.OK, "0 runs wait")


@pytest.mark.parametrize(("seconds", "state"), [(5, State.OK), (30, State.WARNING), (90, State.FAILED)])
def test_a_run_that_is_due_for_long_is_told_of(seconds: int, state: State) -> None:
    run = due(timedelta(seconds=seconds))
    hired([run.workflow.name])

    assert work.queue().state is state


def test_a_full_queue_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MANY", 2)
    hired([due(timedelta(0)).workflow.name for _number in range(3)])

    assert says(work.queue(), State.WARNING, "3 runs wait")


def test_work_that_no_worker_knows_is_told_of() -> None:
    hired()
    run = due(HOUR)

    assert says(work.queue(), State.WARNING, run.workflow.name)


def test_a_lease_that_is_over_is_told_of() -> None:
    due(timedelta(seconds=1), lease_owner="somebody who died")

    assert says(work.leases(), State.WARNING, "1 runs are held")


def test_nobody_is_said_to_hold_anything_otherwise() -> None:
    assert work.leases().state is State.OK


def test_who_leads_the_sweep_is_named() -> None:
    take_lead(DUTY, "host:1", LEAD)

    assert says(work.sweep(), State.OK, "host:1")


@pytest.mark.parametrize(
    ("until", "state"), [(None, State.FAILED), (-LEAD, State.FAILED), (HOUR, State.WARNING)]
)
def test_a_sweep_that_nobody_leads_is_told_of(until: timedelta | None, state: State) -> None:
    if until is not None:
        Lead.objects.create(duty=DUTY, owner="host:1", until=timezone.now() + until)

    assert work.sweep().state is state


def delivery(**more: Any) -> None:
    now = timezone.now()
    endpoint = Endpoint.objects.create(name="Ledger", url="https://ledger.example/", events=EventType.values)
    Delivery.objects.create(endpoint=endpoint, body="{}", until=now + HOUR, created_at=now, **more)


def test_messages_that_are_overdue_are_told_of() -> None:
    delivery(next_try_at=timezone.now() - HOUR)

    assert says(work.outbox(), State.WARNING, "1 messages")


def test_messages_that_wait_for_their_next_try_are_well() -> None:
    delivery(next_try_at=timezone.now() + HOUR, failures=1)

    assert says(work.outbox(), State.OK, "1 messages are tried again")


def test_a_worker_whose_clock_is_ahead_is_told_of() -> None:
    hired()
    WorkerBeat.objects.update(seen_at=timezone.now() + HOUR)

    assert says(clocks.worker_clocks(), State.FAILED, "host:1")


def test_a_worker_that_takes_no_runs_for_its_clock_is_told_of() -> None:
    hired()
    WorkerBeat.objects.update(concurrency=0)
    assert says(clocks.worker_clocks(), State.FAILED, "host:1 takes no runs")

    WorkerBeat.objects.update(seen_at=timezone.now() - MISSING)
    assert clocks.worker_clocks().state is State.OK


def test_what_was_asked_in_the_future_is_told_of() -> None:
    a_requirement(a_run())
    Requirement.objects.update(opened_at=timezone.now() + HOUR)

    assert says(clocks.worker_clocks(), State.FAILED, "1 requirements")


def test_clocks_that_agree_are_well() -> None:
    hired()
    a_requirement(a_run())

    assert clocks.worker_clocks().state is State.OK


def test_a_database_whose_clock_is_elsewhere_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        assert clocks.database_clock().state is State.SKIPPED
        return
    assert clocks.database_clock().state is State.OK
    real = timezone.now
    monkeypatch.setattr("hitl_portal.doctor.clocks.timezone.now", lambda: real() - HOUR)
    assert says(clocks.database_clock(), State.FAILED, "3600 s ahead of")


def test_a_ring_through_redis_is_heard(settings: Any) -> None:
    with a_broker() as address:
        settings.HITL_REDIS_URL = address
        settings.CHANNEL_LAYERS = layers(address)

        assert hearing.doorbell().state is State.OK


def test_a_redis_that_is_away_is_told_of(settings: Any) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    settings.HITL_REDIS_URL = address
    settings.CHANNEL_LAYERS = layers(address)

    assert says(hearing.doorbell(), State.FAILED, "HITL_REDIS_URL")


def test_without_redis_nothing_is_rung() -> None:
    assert hearing.doorbell().state is State.SKIPPED


def layers(address: str) -> dict[str, Any]:
    config = {"hosts": [address], "prefix": "hitl"}
    return {
        "doorbell": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": config},
    }
