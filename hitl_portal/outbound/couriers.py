"""What couriers carry for outgoing webhooks: deliveries, each endpoint a lane of its own."""

from collections.abc import Callable, Collection, Hashable
from typing import cast
from uuid import UUID

from django.utils import timezone

from hitl_portal import couriers
from hitl_portal.couriers import MOST_PER_LANE as MOST_PER_ENDPOINT
from hitl_portal.outbound.models import Delivery
from hitl_portal.outbound.outbox import claim, due
from hitl_portal.outbound.sending import send

__all__ = ["MOST_PER_ENDPOINT", "Couriers"]


class Deliveries:
    """The outbox as couriers see it; a `couriers.Outbox`."""

    def __init__(self, carry: Callable[[Delivery], object]) -> None:
        self._carry = carry

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """Due, and to endpoints that are not busy."""
        waiting = due(timezone.now()).exclude(endpoint__in=cast("Collection[UUID]", full))
        return len(waiting.values_list("pk")[:most])

    def claim(self, full: Collection[Hashable]) -> Delivery | None:
        """By compare-and-set."""
        return claim(cast("Collection[UUID]", full))

    def lane(self, load: Delivery) -> Hashable:
        """Its endpoint."""
        return load.endpoint_id

    def carry(self, load: Delivery) -> None:
        """Send it."""
        self._carry(load)


class Couriers(couriers.Couriers[Delivery]):
    """Those of one process."""

    def __init__(self, carry: Callable[[Delivery], object] = send) -> None:
        super().__init__(Deliveries(carry))
