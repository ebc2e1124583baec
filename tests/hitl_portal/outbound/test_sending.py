"""One delivery, sent to a real receiver: signed, and recorded whatever comes of it."""

import threading
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from hitl_portal.outbound import outbox
from hitl_portal.outbound.models import Attempt, Delivery, Endpoint
from hitl_portal.outbound.safe_http import Wire
from hitl_portal.outbound.sending import send
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.hitl_portal.outbound.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db


def sent(endpoint: Endpoint, wire: Wire | None = None) -> Delivery:
    """A ping, claimed and sent once."""
    made = outbox.ping(endpoint)
    return again(made, wire)


def again(delivery: Delivery, wire: Wire | None = None) -> Delivery:
    """The next try, now."""
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())
    claimed = outbox.claim()
    assert claimed == delivery
    send(claimed, wire)
    return Delivery.objects.get(pk=delivery.pk)


def pause_of(delivery: Delivery) -> float:
    assert delivery.next_try_at is not None
    return (delivery.next_try_at - timezone.now()).total_seconds()


def test_an_independent_library_verifies_what_arrives(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, secret = endpoint()
    delivery = sent(found)
    post = receiver.posts[0]

    message = post.verified(secret)
    assert message["type"] == "ping"
    assert (post.id, post.path) == (delivery.webhook_id, "/told")
    assert post.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        post.verified("whsec_" + "A" * 44)


def test_while_a_secret_is_replaced_both_sign(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, old = endpoint()
    new = found.renew_secret()
    sent(found)

    assert len(receiver.posts[0].headers["webhook-signature"].split(" ")) == 2
    assert receiver.posts[0].verified(old) == receiver.posts[0].verified(new)


def test_a_day_later_only_the_new_one_signs(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, old = endpoint()
    new = found.renew_secret()
    found.secrets.exclude(retires_at=None).update(retires_at=timezone.now())
    sent(found)

    assert receiver.posts[0].verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.posts[0].verified(old)


def test_the_secret_is_not_in_the_database_as_it_is(endpoint: MakeEndpoint) -> None:
    found, secret = endpoint()
    sealed = found.secrets.get().sealed

    assert secret not in sealed
    assert secret.removeprefix("whsec_") not in sealed


def test_what_is_taken_is_done(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    receiver.usual = Reply(status=202, body=b"thanks\0")
    delivery = sent(endpoint()[0])
    attempt = Attempt.objects.get()

    assert (delivery.status, delivery.next_try_at, delivery.tries) == ("delivered", None, 1)
    assert (attempt.status, attempt.excerpt, attempt.problem) == (202, "thanks\N{REPLACEMENT CHARACTER}", "")
    assert outbox.claim() is None


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 408, 500, 503])
def test_everything_else_is_tried_again(endpoint: MakeEndpoint, receiver: Receiver, status: int) -> None:
    receiver.usual = Reply(status=status, headers={"location": f"{receiver.url}/elsewhere"})
    delivery = sent(endpoint()[0])

    assert (delivery.status, delivery.failures) == ("pending", 1)
    assert 3 < pause_of(delivery) < 7
    assert len(receiver.posts) == 1


def test_a_receiver_that_comes_back_gets_it_under_the_same_id(
    endpoint: MakeEndpoint, receiver: Receiver
) -> None:
    receiver.replies = [Reply(status=500), Reply(status=503)]
    found, secret = endpoint()
    delivery = again(again(sent(found)))

    assert delivery.status == "delivered"
    assert {post.id for post in receiver.posts} == {delivery.webhook_id}
    assert len({post.body for post in receiver.posts}) == 1
    assert all(post.verified(secret) for post in receiver.posts)
    assert [attempt.status for attempt in delivery.attempts.all()] == [204, 503, 500]


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_says_when_it_wants_to_be_asked_again(
    endpoint: MakeEndpoint, receiver: Receiver, status: int
) -> None:
    receiver.usual = Reply(status=status, headers={"retry-after": "3600"})

    assert 3590 < pause_of(sent(endpoint()[0])) <= 3600


def test_410_ends_it_and_switches_the_endpoint_off(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, _ = endpoint()
    waiting = outbox.ping(found)
    Delivery.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    receiver.usual = Reply(status=410)
    delivery = sent(found)
    found.refresh_from_db()

    assert (found.enabled, found.disabled_because) == (False, "410 Gone")
    assert (delivery.status, Delivery.objects.get(pk=waiting.pk).status) == ("failed", "pending")
    Delivery.objects.update(next_try_at=timezone.now())
    assert outbox.claim() is None


def test_what_waited_is_sent_when_it_is_on_again(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, _ = endpoint()
    waiting = outbox.ping(found)
    found.switch_off()
    assert outbox.claim() is None

    found.switch_on()
    assert again(waiting).status == "delivered"


def test_after_two_days_it_is_given_up(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    receiver.usual = Reply(status=500)
    delivery = sent(endpoint()[0])
    Delivery.objects.update(until=timezone.now())

    assert again(delivery).status == "failed"


def test_a_slow_receiver_is_cut_off(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    over = threading.Event()
    receiver.usual = Reply(wait=lambda: over.wait(10))
    delivery = sent(endpoint()[0], Wire(seconds=0.3))
    over.set()

    assert delivery.status == "pending"
    assert Attempt.objects.get().problem == "No answer within 0.3 s"
    assert 250 < Attempt.objects.get().milliseconds < 5000


def test_an_address_that_is_not_open_any_more_gets_nothing(
    endpoint: MakeEndpoint, receiver: Receiver, settings: LazySettings
) -> None:
    found, _ = endpoint()
    settings.HITL_OUTBOUND_ALLOW = []
    delivery = sent(found)

    assert (receiver.posts, delivery.status) == ([], "pending")
    assert "not open" in Attempt.objects.get().problem


def test_a_secret_that_nobody_can_read_is_a_problem_in_words(
    endpoint: MakeEndpoint, settings: LazySettings
) -> None:
    found, _ = endpoint()
    settings.SECRET_KEY = "another"
    sent(found)

    assert "cannot be read" in Attempt.objects.get().problem


def test_only_one_of_two_gets_it(endpoint: MakeEndpoint) -> None:
    outbox.ping(endpoint()[0])

    assert outbox.claim() is not None
    assert outbox.claim() is None


def test_who_dies_while_sending_is_replaced(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    delivery = outbox.ping(endpoint()[0])
    outbox.claim()

    assert again(delivery).tries == 2
    assert receiver.posts[0].id == delivery.webhook_id


def stale(endpoint: Endpoint) -> tuple[Delivery, Delivery]:
    """A delivery twice claimed: by somebody whose lease is over, and by who has taken over."""
    outbox.ping(endpoint)
    first = outbox.claim()
    Delivery.objects.update(next_try_at=timezone.now())
    second = outbox.claim()
    assert first is not None
    assert second is not None
    return first, second


def test_a_late_failure_changes_nothing(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    first, second = stale(endpoint()[0])
    receiver.replies = [Reply(status=204), Reply(status=500)]
    send(second)
    send(first)

    assert Delivery.objects.get().status == "delivered"


def test_a_late_success_counts(endpoint: MakeEndpoint, receiver: Receiver) -> None:
    first, second = stale(endpoint()[0])
    receiver.replies = [Reply(status=500), Reply(status=204)]
    send(second)
    send(first)

    assert Delivery.objects.get().status == "delivered"


@pytest.mark.parametrize("before", ["delivered", "failed"])
def test_what_is_done_with_can_be_sent_again(endpoint: MakeEndpoint, receiver: Receiver, before: str) -> None:
    delivery = sent(endpoint()[0])
    Delivery.objects.update(status=before, failures=9)
    outbox.replay(delivery)

    assert again(delivery).status == "delivered"
    assert [post.id for post in receiver.posts] == [delivery.webhook_id] * 2


def test_an_endpoint_that_is_deleted_meanwhile_takes_its_log_along(
    endpoint: MakeEndpoint, receiver: Receiver
) -> None:
    found, _ = endpoint()
    outbox.ping(found)
    claimed = outbox.claim()
    assert claimed is not None
    Endpoint.objects.all().delete()
    claimed.endpoint = found
    outbox.record(claimed, outbox.Outcome(at=timezone.now(), milliseconds=1, status=204))

    assert not Attempt.objects.exists()


def aged(endpoint: Endpoint, **fields: object) -> Delivery:
    made = outbox.ping(endpoint)
    Delivery.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=31), **fields)
    return made


def test_what_was_done_with_a_month_ago_is_forgotten(endpoint: MakeEndpoint) -> None:
    found, _ = endpoint()
    now = timezone.now()
    kept = [outbox.ping(found), aged(found, until=now + timedelta(hours=1))]
    aged(found, status="delivered"), aged(found, status="failed"), aged(found, until=now - timedelta(hours=1))
    outbox.prune(now)

    assert set(Delivery.objects.all()) == set(kept)
