"""What the workers' sweep does for answer links: forget, once in a while, those that ended long ago."""

import time
from datetime import timedelta

from django.utils import timezone

from hitl_portal.links.services import forget

EVERY = 3600.0
KEPT = timedelta(days=90)  # so long a link that has ended says why


class Sweep:
    """For the sweep of one process."""

    def __init__(self) -> None:
        self._done_at = float("-inf")

    def __call__(self) -> int:
        """One round; how many links it has forgotten."""
        if time.monotonic() - self._done_at < EVERY:
            return 0
        self._done_at = time.monotonic()
        return forget(timezone.now() - KEPT)


sweep = Sweep()
