"""Limiting: how many wrong tokens may come from one address in a minute before nothing of it is looked at.

No guess would ever fit: this keeps whoever tries anyway from the database. What is counted, all processes that share
the cache count together.
"""

import logging
import time

from django.core.cache import cache
from django.http import HttpRequest

from hitl_portal.security_log import address_of

log = logging.getLogger(__name__)

MOST_WRONG = 100
MINUTE = 60


def is_flooding(request: HttpRequest) -> bool:
    """Too many of its tokens were wrong in this minute."""
    return int(cache.get(_key(request), 0)) >= MOST_WRONG


def count_wrong(request: HttpRequest) -> None:
    """One more. Where it cannot be counted the link is as wrong as before, and whoever sent it is told so."""
    key = _key(request)
    try:
        if not cache.add(key, 1, 2 * MINUTE):
            cache.incr(key)
    except ValueError:  # an `add` that fails in the database says what one says that finds a count
        log.warning("a wrong link could not be counted")


def this_minute() -> int:
    """Its number: counts begin anew with each."""
    return int(time.time()) // MINUTE


def _key(request: HttpRequest) -> str:
    """Of who calls, and not of a proxy: else one stranger would close the links of all."""
    return f"answer-links:wrong:{address_of(request)}:{this_minute()}"
