"""What Prometheus reads, and that nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal import metrics
from hitl_portal.outbound.models import Attempt, Delivery, Endpoint
from tests.rows import a_requirement, a_run, an_event
from workflows.models import WorkerBeat

pytestmark = pytest.mark.django_db

TOKEN = "a token for tests"


@pytest.fixture(autouse=True)
def token(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HITL_METRICS_TOKEN = TOKEN
    monkeypatch.setattr(metrics, "events", metrics._Events())
    monkeypatch.setattr(metrics, "tries", metrics._Tries())


def read(client: Client) -> list[str]:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return answer.content.decode().splitlines()


def test_without_a_token_in_the_settings_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.HITL_METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer another", f"Basic {TOKEN}", "Bearer é"])
def test_who_does_not_send_it_is_told_nothing(client: Client, sent: str) -> None:
    answer = client.get("/metrics", headers={"authorization": sent})

    assert (answer.status_code, answer.content) == (401, b"")


def test_it_tells_of_queue_workers_and_open_requirements(client: Client, requester: User) -> None:
    now = timezone.now()
    a_requirement(a_run(requester, wake_at=now - timedelta(seconds=9)))
    WorkerBeat.objects.create(name="host:1", transport="database", started_at=now, seen_at=now)
    said = read(client)

    assert 'hitl_runs_waiting{workflow="refund"} 1.0' in said
    assert any(line.startswith('hitl_queue_age_seconds{known="false",workflow="refund"} 9') for line in said)
    assert "hitl_workers 1.0" in said
    assert 'hitl_requirements_open{age="1h"} 1.0' in said
    assert "hitl_process_websocket_clients 0.0" in said


def test_it_counts_what_happens_from_then_on(client: Client, requester: User) -> None:
    run, then = a_run(requester), timezone.now() - timedelta(seconds=10)
    an_event(run, type="RequirementDecided", created_at=then)
    read(client)
    for actor in ("reviewer", "timer", "timer"):
        an_event(run, type="RequirementDecided", actor=actor, created_at=then)
    an_event(run, type="RunQueued", created_at=timezone.now())  # others may still be on their way
    said = [read(client), read(client)][1]

    assert 'hitl_events_total{type="RequirementDecided"} 3.0' in said
    assert [line for line in said if line.startswith("hitl_decisions_total")] == [
        'hitl_decisions_total{by="people"} 1.0',
        'hitl_decisions_total{by="timer"} 2.0',
    ]
    assert not [line for line in said if "RunQueued" in line]


def a_delivery(endpoint: Endpoint, **fields: Any) -> Delivery:
    """A message to a program, made some seconds ago."""
    then = timezone.now() - timedelta(seconds=9)
    given = {"type": "ping", "body": "{}", "created_at": then, "until": timezone.now(), "next_try_at": then}
    return Delivery.objects.create(endpoint=endpoint, **given | fields)


def test_it_tells_what_became_of_posts_to_other_programs(client: Client) -> None:
    endpoint = Endpoint.objects.create(
        name="books", url="https://books.example/hook", events=["run.completed"]
    )
    delivery = a_delivery(endpoint)
    a_delivery(endpoint, status=Delivery.Status.DELIVERED, next_try_at=None)
    read(client)
    then = timezone.now() - timedelta(seconds=9)
    for status in (200, 204, 500, None):
        Attempt.objects.create(delivery=delivery, at=then, milliseconds=1, status=status)
    Attempt.objects.create(delivery=delivery, at=timezone.now(), milliseconds=1, status=200)
    said = [read(client), read(client)][1]  # what is counted once is not counted again

    assert "hitl_webhooks_waiting 1.0" in said
    assert any(line.startswith("hitl_webhooks_age_seconds 9") for line in said)
    assert [line for line in said if line.startswith("hitl_webhook_tries_total")] == [
        'hitl_webhook_tries_total{outcome="delivered"} 2.0',
        'hitl_webhook_tries_total{outcome="refused"} 1.0',
        'hitl_webhook_tries_total{outcome="unreachable"} 1.0',
    ]
