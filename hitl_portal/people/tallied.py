"""How many things cannot be decided, remembered for a while: pages ask for the number, and counting looks at
everything that is open."""

from django.core.cache import caches

KEY = "coverage-count"
LASTS = 5 * 60


def remember(count: int) -> None:
    """Keep what was counted just now."""
    caches["memory"].set(KEY, count, LASTS)


def known() -> int | None:
    """What was counted lately; None: it has to be counted. No query."""
    found = caches["memory"].get(KEY)
    return int(found) if found is not None else None
