"""History: what earlier runs of a session were given and what came of them, read when a step looks back."""

from collections.abc import Callable
from typing import Any

Pair = tuple[Any, Any]


class History:
    """The completed runs of a session before this one. `shared` is how many of them every agent is told of."""

    def __init__(self, session_id: str, load: Callable[[int], list[Pair]], shared: int = 0) -> None:
        self.session_id, self.shared, self._load = session_id, shared, load

    def runs(self, count: int) -> list[Pair]:
        """(input, content) of the last `count` of them, newest last; a query each time."""
        return self._load(count) if count > 0 else []
