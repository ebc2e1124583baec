"""Waiting for what other processes bring about and no event tells of."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 30.0


def eventually(look: Callable[[], Found | None], what: str = "it", patience: float = PATIENCE) -> Found:
    """What `look` finds, as soon as that is something; fails the test when it stays nothing."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen in {patience:.0f} s"
        time.sleep(0.02)
    return found
