"""What the workers' sweep does for Slack: write cards for rooms, close those that are over, send the couriers."""

import time
from collections.abc import Collection, Hashable

from django.conf import settings
from django.utils import timezone

from hitl_portal.couriers import Couriers
from hitl_portal.seldom import Seldom
from hitl_portal.slack import outbox
from hitl_portal.slack.deriving import derive
from hitl_portal.slack.models import Card
from hitl_portal.slack.sending import send
from workflows import tail

PRUNE_EVERY = 600.0
LOOK_EVERY = 30.0  # at cards, where the log says nothing


class Cards:
    """The outbox as couriers see it; a `couriers.Outbox`. Each room is a lane."""

    def waiting(self, full: Collection[Hashable], most: int) -> int:
        """Due, in rooms that are not busy."""
        return outbox.waiting(full, most)

    def claim(self, full: Collection[Hashable]) -> Card | None:
        """By compare-and-set."""
        return outbox.claim(full)

    def lane(self, load: Card) -> Hashable:
        """Its room."""
        return load.room

    def carry(self, load: Card) -> None:
        """Send it."""
        send(load)


class Sweep:
    """For the sweep of one process. Where no app of Slack is named it does nothing and asks nothing."""

    def __init__(self) -> None:
        self.couriers = Couriers(Cards())
        self._prune = Seldom(lambda: outbox.prune(timezone.now()), PRUNE_EVERY)
        self._looked_at = float("-inf")
        self._seen = -1

    def __call__(self) -> int:
        """One round; how many cards it has written or let be closed. Waits for nothing that is sent."""
        if not settings.HITL_SLACK_TOKEN:
            return 0
        done = derive() + self._end()
        self.couriers.call()
        return done + self._prune()

    def _end(self) -> int:
        """Cards follow from what happens: the log says when to look. A restart looks at once."""
        latest, now = tail.latest(), time.monotonic()
        if latest == self._seen and now - self._looked_at < LOOK_EVERY:
            return 0
        self._seen, self._looked_at = latest, now
        return outbox.end_outdated(timezone.now())


sweep = Sweep()
