"""The pages of deliveries: what was sent, what came back, sending again, a ping."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.outbound import outbox
from hitl_portal.outbound.models import Delivery
from hitl_portal.outbound.sending import send
from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.outbound.conftest import MakeEndpoint
from tests.hitl_portal.outbound.receiver import Receiver, Reply


@pytest.fixture
def admins(as_: SignIn, admin: User) -> Client:
    """Give an admin's browser."""
    return as_(admin)


@pytest.fixture
def delivery(endpoint: MakeEndpoint, receiver: Receiver) -> Delivery:
    """Give a ping that was refused once, with words that want to be a script."""
    receiver.replies = [Reply(status=418, body=b"<script>alert(1)</script>")]
    outbox.ping(endpoint()[0])
    claimed = outbox.claim()
    assert claimed is not None
    send(claimed)
    return Delivery.objects.get()


def test_a_ping_is_put_into_the_outbox(admins: Client, endpoint: MakeEndpoint, receiver: Receiver) -> None:
    found, _ = endpoint()
    response = admins.post(f"/outbound/{found.pk}/ping/", follow=True)

    assert (Delivery.objects.get().type, receiver.posts) == ("ping", [])
    assert "It is on its way" in response.content.decode()


def test_the_log_tells_what_came_of_each(admins: Client, delivery: Delivery) -> None:
    page = admins.get(f"/outbound/{delivery.endpoint_id}/").content.decode()

    assert "418" in page
    assert " ms" in page
    assert 'data-delivery="pending"' in page


def test_a_delivery_tells_what_was_sent_and_what_came_back(admins: Client, delivery: Delivery) -> None:
    page = admins.get(f"/outbound/deliveries/{delivery.pk}/").content.decode()

    assert delivery.webhook_id in page
    assert "&quot;type&quot;: &quot;ping&quot;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_delivery_is_sent_again_under_its_id(
    admins: Client, delivery: Delivery, receiver: Receiver
) -> None:
    Delivery.objects.update(status="failed", next_try_at=None)
    admins.post(f"/outbound/deliveries/{delivery.pk}/replay/")
    claimed = outbox.claim()
    assert claimed is not None
    send(claimed)

    assert [post.id for post in receiver.posts] == [delivery.webhook_id] * 2
    assert Delivery.objects.get().status == "delivered"


def test_looking_sends_nothing(admins: Client, delivery: Delivery) -> None:
    for path in (f"/outbound/deliveries/{delivery.pk}/replay/", f"/outbound/{delivery.endpoint_id}/ping/"):
        assert admins.get(path).status_code == 405
    assert Delivery.objects.get().tries == 1


def test_while_the_endpoint_is_off_it_waits(admins: Client, delivery: Delivery) -> None:
    delivery.endpoint.switch_off()
    page = admins.post(f"/outbound/deliveries/{delivery.pk}/replay/", follow=True).content.decode()

    assert "as soon as the endpoint is on" in page
    assert "when the endpoint is on again" in page
