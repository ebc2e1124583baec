"""Rows: what was measured, beside what is asked of it; and the table that they make."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass

BARE = "… over tables without foreign keys, indexes, triggers and digests"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. `limit` is the most that is asked, or with `least` the least; None where nothing is."""

    work: str
    on: str
    figure: float
    limit: float | None = None
    unit: str = "x"
    least: bool = False

    @property
    def is_kept(self) -> bool:
        """What is asked is met, as far as the table shows it."""
        if self.limit is None:
            return True
        return (self.figure >= self.limit) if self.least else (round(self.figure, 2) <= self.limit)

    @property
    def asked(self) -> str:
        """The limit in words."""
        if self.limit is None:
            return ""
        return f"{'≥' if self.least else '≤'} {_written(self.limit)} {self.unit}"

    def line(self) -> str:
        """As a line of the table."""
        verdict = "" if self.limit is None else "yes" if self.is_kept else "**no**"
        found = f"{_written(self.figure)} {self.unit}"
        return f"| {self.work} | {self.on} | {self.asked} | {found} | {verdict} |"


def told(*rows: Row) -> None:
    """Hand rows to whoever started this process."""
    for row in rows:
        sys.stdout.write(json.dumps(asdict(row)) + "\n")
    sys.stdout.flush()


def heard(line: str) -> Row:
    """A row that another process has told."""
    return Row(**json.loads(line))


HEAD = "| work | on | asked | measured | kept |\n|---|---|---|---|---|"


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    return "\n".join([HEAD, *(row.line() for row in rows)])


def _written(figure: float) -> str:
    return f"{figure:.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.2f}"
