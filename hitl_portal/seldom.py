"""What the workers' sweep, which comes by each second, shall do once in a while only."""

import time
from collections.abc import Callable

HOUR = 3600.0


class Seldom:
    """Does its work at the first call, and at no other within the next so many seconds. For one process each.

    To runs nothing is done by it, so it counts as nothing: nobody need look again for it.
    """

    def __init__(self, work: Callable[[], object], every: float = HOUR) -> None:
        self._work, self._every = work, every
        self._done_at = float("-inf")

    def __call__(self) -> int:
        """One round of the sweep."""
        if time.monotonic() - self._done_at >= self._every:
            self._done_at = time.monotonic()
            self._work()
        return 0
