"""A source may post so often; the count is the database's, so that all web processes count together."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from pytest_django import DjangoAssertNumQueries

from hitl_portal import throttling
from hitl_portal.hooks.models import Delivery, DeliveryCount, WebhookSource
from hitl_portal.hooks.throttling import admit
from hitl_portal.problems import Problem
from tests.hitl_portal.hooks.conftest import Sender
from workflows.models import WorkflowRun

pytestmark = pytest.mark.django_db


class Clock:
    """A time that only the test moves."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttling, "time", clock)
    return clock


@pytest.fixture
def few(source: WebhookSource) -> WebhookSource:
    """Give a source that may post six times a minute: all at once, then one in ten seconds."""
    source.per_minute = 6
    source.save()
    return source


def taken(source: WebhookSource, times: int) -> int:
    """How many of so many are let in now."""
    let_in = 0
    for _ in range(times):
        try:
            admit(source)
        except Problem:
            continue
        let_in += 1
    return let_in


def test_a_minute_s_posts_may_come_at_once_and_no_more(few: WebhookSource, clock: Clock) -> None:
    assert taken(few, 9) == 6


def test_then_one_is_let_in_whenever_its_share_of_the_minute_is_over(
    few: WebhookSource, clock: Clock
) -> None:
    taken(few, 6)
    clock.now += 9
    assert taken(few, 1) == 0
    clock.now += 1
    assert taken(few, 2) == 1
    clock.now += 3600
    assert taken(few, 9) == 6


def test_it_says_when_to_come_again(few: WebhookSource, clock: Clock) -> None:
    taken(few, 6)
    clock.now += 2.5
    with pytest.raises(Problem) as refused:
        admit(few)

    assert refused.value.headers == {"Retry-After": "8"}


def test_coming_again_then_is_let_in(few: WebhookSource, clock: Clock) -> None:
    taken(few, 6)
    clock.now += 10

    assert taken(few, 1) == 1


def test_a_post_costs_one_query(
    few: WebhookSource, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        admit(few)


def test_one_too_many_is_answered_429_and_starts_nothing(
    sender: Sender, few: WebhookSource, clock: Clock
) -> None:
    for number in range(6):
        assert sender.post({}, id=f"msg_{number}").status_code == 202
    response = sender.post({}, id="msg_late")

    assert (response.status_code, response["Retry-After"]) == (429, "10")
    assert response["Content-Type"] == "application/problem+json"
    assert WorkflowRun.objects.count() == 6
    assert DeliveryCount.objects.get(outcome="too-many").count == 1
    assert Delivery.objects.count() == 6


def test_forged_posts_do_not_use_up_what_the_source_may_send(
    sender: Sender, few: WebhookSource, clock: Clock
) -> None:
    forged = [sender.post({}, webhook_signature="v1,AAAA").status_code for _ in range(8)]

    assert forged == [401] * 6 + [429] * 2
    assert Delivery.objects.count() == 6
    assert sender.post({}).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_not_one_too_many_gets_in(few: WebhookSource) -> None:
    together = threading.Barrier(4)

    def hurry(_: int) -> int:
        together.wait()
        try:
            return taken(few, 4)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(hurry, range(4))) == 6
