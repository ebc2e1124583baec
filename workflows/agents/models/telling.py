"""Telling: pieces of a reply as they come, each once, although the reply may have to be begun again."""

from collections.abc import Callable


class Telling:
    """Passes on what has not been told yet.

    An attempt that fails half-way has told the start of a reply. The next one is silent while it repeats that
    start, and goes on from there. Where it words the reply differently, nothing more is told: what was told is no
    part of it, and the whole reply follows in any case.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._told = ""
        self._said = ""

    def begin(self) -> None:
        """A new attempt starts."""
        self._said = ""

    def __call__(self, piece: str) -> None:
        self._said += piece
        if len(self._said) > len(self._told) and self._said.startswith(self._told):
            new = self._said[len(self._told) :]
            self._told = self._said
            self._tell(new)
