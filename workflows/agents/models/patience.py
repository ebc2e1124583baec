"""Patience: how often, and after how long, a request that failed for the moment is sent again."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from workflows.agents.errors import ModelError, ProviderUnavailable

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LONGEST = 60  # seconds: a worker that waits longer serves nobody; whoever asked decides what happens then
SPREAD = (0.75, 1.25)  # so that those who failed together do not come back together


@dataclass(frozen=True, kw_only=True)
class Patience:
    """`retries` more attempts, `delay` seconds apart, doubled each time where `exponential`."""

    retries: int
    delay: float
    exponential: bool

    async def until_done(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """What the attempt gives, or the error of the last one; errors that will not pass are raised at once."""
        for number in range(self.retries):
            try:
                return await attempt()
            except ModelError as failed:
                wait = self.wait(failed, number)
                if wait is None:
                    raise
                log.warning("%s; attempt %d of %d in %.1f s", failed, number + 2, self.retries + 1, wait)
            await asyncio.sleep(wait)
        return await attempt()

    def wait(self, failed: ModelError, number: int) -> float | None:
        """Seconds before the next attempt; None where there is to be none. `number` attempts failed before."""
        if not failed.temporary:
            return None
        own = min(self.delay * (2**number if self.exponential else 1), LONGEST)
        own *= random.SystemRandom().uniform(*SPREAD)
        asked = failed.retry_after if isinstance(failed, ProviderUnavailable) else None
        if asked is not None and asked > LONGEST:
            return None
        return max(own, asked or 0)
