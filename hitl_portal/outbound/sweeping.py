"""What the workers' sweep does for outgoing webhooks: fill the outbox, send the couriers, forget what is old.

The settings name `sweep` in HITL_SWEEPERS. The leader of the sweep does it; where two lead for a moment, unique rows
and claims keep everything from being sent twice.
"""

import time

from django.utils import timezone

from hitl_portal.outbound.couriers import Couriers
from hitl_portal.outbound.deriving import derive
from hitl_portal.outbound.outbox import prune

PRUNE_EVERY = 600.0


class Sweep:
    """For the sweep of one process."""

    def __init__(self, couriers: Couriers | None = None) -> None:
        self.couriers = couriers or Couriers()
        self._pruned_at = float("-inf")

    def __call__(self) -> int:
        """One round; how many deliveries were put into the outbox. Waits for no receiver."""
        made = derive()
        self.couriers.call()
        if time.monotonic() - self._pruned_at >= PRUNE_EVERY:
            self._pruned_at = time.monotonic()
            prune(timezone.now())
        return made


sweep = Sweep()
