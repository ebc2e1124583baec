"""What a comparison finds, as values that a page shows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hitl_portal.differences.data import Change

Mark = Literal["same", "out", "in", "fold"]


class Kind(StrEnum):
    """What sort of answer a comparison gave."""

    SAME = "same"  # nothing changed
    TEXT = "text"  # `rows` say what did
    DATA = "data"  # `changes` say what did
    DIFFERENT = "different"  # hardly anything is the same: comparing helps nobody
    LONG = "long"  # too long to compare


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of text: both have it, only the old one ("out"), only the new one ("in"), or both and it is long
    ("fold"). Of a very long piece only the beginning is there; `left_out` counts the rest."""

    mark: Mark
    text: str
    left_out: int = 0

    @property
    def length(self) -> int:
        """Of all of it, in characters."""
        return len(self.text) + self.left_out


@dataclass(frozen=True, kw_only=True)
class Row:
    """Neighbouring lines with the same fate; "changed" ones differ in words. `lines` counts those of a "fold".

    `is_cut`: it goes on.
    """

    mark: Literal["same", "out", "in", "fold", "changed"]
    spans: tuple[Span, ...]
    lines: int = 0
    is_cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed. `is_cut`: there is more than is here. Words are counted in what is here of texts."""

    kind: Kind
    rows: tuple[Row, ...] = ()
    changes: "tuple[Change, ...]" = ()
    is_cut: bool = False
    words_out: int = 0
    words_in: int = 0
