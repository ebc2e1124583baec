"""A receiver on loopback that the settings let through, and endpoints that are told of everything."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from hitl_portal.outbound.models import Endpoint, EventType
from tests.hitl_portal.outbound.receiver import Receiver, receiving

Made = tuple[Endpoint, str]
MakeEndpoint = Callable[..., Made]


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    """Give a receiver that may be posted to."""
    with receiving() as found:
        settings.HITL_OUTBOUND_ALLOW = ["127.0.0.0/8"]
        settings.HITL_OUTBOUND_HTTP = [f"127.0.0.1:{found.port}"]
        yield found


@pytest.fixture
def endpoint(db: None, receiver: Receiver) -> MakeEndpoint:
    """Make an endpoint at the receiver, told of everything unless it is said otherwise; and its secret."""

    def made(name: str = "shop", **fields: object) -> Made:
        given = {"url": receiver.url, "events": list(EventType.values)} | fields
        found = Endpoint.objects.create(name=name, **given)
        return found, found.renew_secret()

    return made
