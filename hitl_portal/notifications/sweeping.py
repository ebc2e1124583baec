"""What the workers' sweep does for notifications: write notes, send the couriers, forget what is old.

The settings name `sweep` in HITL_SWEEPERS. Where two lead for a moment, unique rows and leases keep everything from
being told twice.
"""

import time
from collections.abc import Collection, Hashable
from itertools import takewhile

from django.utils import timezone

from hitl_portal import couriers
from hitl_portal.notifications import outbox
from hitl_portal.notifications.deriving import derive, tell_deputies
from hitl_portal.notifications.outbox import Parcel
from hitl_portal.notifications.sending import send
from hitl_portal.seldom import Seldom

PRUNE_EVERY = 600.0
DEPUTIES_EVERY = 30.0
ROUNDS = 10  # the sweep has other things to do, too


class Parcels:
    """The outbox as couriers see it; a `couriers.Outbox`."""

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """Due, and on no lane that is full."""
        return len(outbox.due(timezone.now()).filter(outbox.free(full)).values_list("pk")[:most])

    def claim(self, full: Collection[Hashable]) -> Parcel | None:
        """By compare-and-set."""
        return outbox.claim(full)

    def lane(self, load: Parcel) -> Hashable:
        """Its place, or the one server for all."""
        return load.lane

    def carry(self, load: Parcel) -> None:
        """Send it."""
        send(load)


class Sweep:
    """For the sweep of one process."""

    def __init__(self) -> None:
        self.couriers = couriers.Couriers(Parcels())
        self._prune = Seldom(lambda: outbox.prune(timezone.now()), PRUNE_EVERY)
        self._deputies_at = float("-inf")

    def __call__(self) -> int:
        """One round; how many notes were written. Waits for nothing that is sent."""
        made = sum(takewhile(bool, (derive() for _ in range(ROUNDS))))
        if time.monotonic() - self._deputies_at >= DEPUTIES_EVERY:
            self._deputies_at = time.monotonic()
            made += tell_deputies()
        self.couriers.call()
        return made + self._prune()


sweep = Sweep()
