"""What the workers' sweep does for outgoing webhooks: fill the outbox, send the couriers, forget what is old.

The settings name `sweep` in HITL_SWEEPERS. The leader of the sweep does it; where two lead for a moment, unique rows
and claims keep everything from being sent twice.
"""

from django.utils import timezone

from hitl_portal.outbound.couriers import Couriers
from hitl_portal.outbound.deriving import derive
from hitl_portal.outbound.outbox import prune
from hitl_portal.seldom import Seldom

PRUNE_EVERY = 600.0


class Sweep:
    """For the sweep of one process."""

    def __init__(self, couriers: Couriers | None = None) -> None:
        self.couriers = couriers or Couriers()
        self._prune = Seldom(lambda: prune(timezone.now()), PRUNE_EVERY)

    def __call__(self) -> int:
        """One round; how many deliveries were put into the outbox. Waits for no receiver."""
        made = derive()
        self.couriers.call()
        return made + self._prune()


sweep = Sweep()
