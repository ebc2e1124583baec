"""What other libraries connect to goes by the rules, whatever a name means by then, and ends in time."""

import threading

import pytest
import requests
from django.conf import LazySettings

from hitl_portal.outbound.addressing import Rules
from hitl_portal.outbound.guard import guarded
from tests.hitl_portal.outbound.receiver import Receiver, Reply


def test_a_guard_checks_each_connection_when_it_is_made(receiver: Receiver) -> None:
    """The name was public when somebody looked, and is inside when it is connected to."""
    rules = Rules(http=frozenset({"rebound.example"}))
    with guarded(5, rules, lambda host, port: ["10.0.0.1"]) as guard, pytest.raises(requests.ConnectionError):
        requests.post("http://rebound.example/", timeout=5)
    assert "10.0.0.1" in guard.refused


def test_a_guard_connects_to_what_it_has_checked(receiver: Receiver) -> None:
    rules = Rules(hosts=frozenset({"told.example"}), http=frozenset({f"told.example:{receiver.port}"}))
    with guarded(5, rules, lambda host, port: ["127.0.0.1"]):
        requests.post(f"http://told.example:{receiver.port}/x", timeout=5)

    assert receiver.posts[0].headers["host"] == f"told.example:{receiver.port}"


def test_a_guard_ends_what_takes_too_long(receiver: Receiver) -> None:
    over = threading.Event()
    receiver.usual = Reply(wait=lambda: over.wait(20))
    with (
        guarded(0.3) as guard,
        pytest.raises(requests.RequestException, match=r"Remote end closed|reset|abort"),
    ):
        requests.post(receiver.url, timeout=15)
    over.set()

    assert guard.refused == ""


def test_without_a_guard_nothing_is_in_the_way(receiver: Receiver, settings: LazySettings) -> None:
    settings.HITL_OUTBOUND_ALLOW = []

    assert requests.post(receiver.url, timeout=5).ok
