"""Couriers carry what is due, and nobody waits for a slow receiver: neither the sweep nor the other endpoints."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from hitl_portal.outbound import outbox
from hitl_portal.outbound.couriers import MOST_PER_ENDPOINT, Couriers
from hitl_portal.outbound.models import Delivery
from hitl_portal.outbound.sweeping import Sweep
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.hitl_portal.outbound.receiver import Receiver, Reply
from tests.rows import a_run, an_event
from tests.waiting import eventually
from tests.workflows.hiring import Hire, hiring
from workflows import sweep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def couriers() -> Iterator[Couriers]:
    """Give some; they are back before the tables are emptied."""
    found = Couriers()
    yield found
    assert found.wait(20)


def test_all_that_is_due_is_carried_once(
    endpoint: MakeEndpoint, receiver: Receiver, couriers: Couriers
) -> None:
    found, _ = endpoint()
    expected = {outbox.ping(found).webhook_id for _ in range(10)}
    couriers.call(), couriers.call()

    assert couriers.wait(20)
    assert sorted(post.id for post in receiver.posts) == sorted(expected)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_two_processes_send_nothing_twice(
    endpoint: MakeEndpoint, receiver: Receiver, couriers: Couriers
) -> None:
    found, _ = endpoint()
    expected = {outbox.ping(found).webhook_id for _ in range(20)}
    others = Couriers()
    couriers.call(), others.call()

    assert couriers.wait(20)
    assert others.wait(20)
    assert sorted(post.id for post in receiver.posts) == sorted(expected)


def test_a_slow_receiver_keeps_nobody_waiting(
    endpoint: MakeEndpoint, receiver: Receiver, couriers: Couriers
) -> None:
    over = threading.Event()
    slow, _ = endpoint("slow")
    quick, _ = endpoint("quick", url=f"{receiver.url}/quick")
    receiver.replies = [Reply(wait=lambda: over.wait(10))] * MOST_PER_ENDPOINT
    for _ in range(8):
        outbox.ping(slow)
    couriers.call()
    for _ in range(MOST_PER_ENDPOINT):
        assert receiver.came.acquire(timeout=10)
    done = outbox.ping(quick)
    couriers.call()  # comes back at once

    eventually(lambda: Delivery.objects.filter(pk=done.pk, status="delivered").first())
    assert sum(post.path == "/told" for post in receiver.posts) == MOST_PER_ENDPOINT
    over.set()


def test_where_nothing_is_due_nobody_sets_out(endpoint: MakeEndpoint, couriers: Couriers) -> None:
    endpoint()

    assert couriers.call() == 0


def test_the_sweep_does_it_all(endpoint: MakeEndpoint, receiver: Receiver, couriers: Couriers) -> None:
    _, secret = endpoint()
    an_event(a_run(), type="WorkflowStarted")

    assert sweep.sweep([Sweep(couriers)]) == 1
    assert couriers.wait(20)
    assert receiver.posts[0].verified(secret)["type"] == "run.started"


@pytest.fixture
def hire(process_environment: dict[str, str], receiver: Receiver, tmp_path: Path) -> Iterator[Hire]:
    """Give what starts workers that may post to the receiver."""
    environment = process_environment | {
        "HITL_OUTBOUND_ALLOW": "127.0.0.0/8",
        "HITL_OUTBOUND_HTTP": f"127.0.0.1:{receiver.port}",
        "SECRET_KEY": "of the test",
    }
    with hiring(environment, tmp_path / "log") as start:
        yield start


def test_a_worker_that_is_killed_after_sending_has_it_sent_again_under_the_same_id(
    endpoint: MakeEndpoint, receiver: Receiver, hire: Hire, settings: LazySettings
) -> None:
    settings.SECRET_KEY = "of the test"
    _, secret = endpoint()
    an_event(a_run(), type="WorkflowStarted")
    first = hire()
    receiver.replies = [Reply(wait=first.kill)]  # it has sent, and never hears the answer
    assert receiver.came.acquire(timeout=30)
    first.wait()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries, delivery.attempts.count()) == ("pending", 1, 0)

    Delivery.objects.update(next_try_at=delivery.created_at)  # the lease is over
    hire()
    eventually(lambda: Delivery.objects.filter(status="delivered").first())
    assert [post.id for post in receiver.posts] == [delivery.webhook_id] * 2
    assert all(post.verified(secret)["type"] == "run.started" for post in receiver.posts)
