"""Shapes: a value as it is drawn, worked out before any template sees it, so that it can be held to a budget.

Whatever somebody put into a value, a page stays as long as its budget says: characters and places are counted over the
whole value, keys included. What does not fit is said, with how much it is; a page of its own has more, and a download
all.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.safestring import SafeString

from hitl_portal.evidence.attachments import Attachment
from hitl_portal.evidence.prose import is_markdown, rendered
from hitl_portal.evidence.revealing import closed_up, revealed

DEEPEST = 8  # below that, data is shown as JSON text
FOLDED_LINES = 40
FOLDED_TEXT = 4_000
PREVIEW = 320
SHORT = 60
LONGEST_KEY = 120
WORD = 20
FEW_WORDS = 12
MOST_COLUMNS = 6
FOLDED_ITEMS = 12
# Numbers that name something are never grouped.
NAMING = re.compile(r"(^|[_\s-])(id|ids|no|nr|number|code|year|phone|zip|port|pid)$", re.IGNORECASE)
MARKDOWN_NAMES = ("markdown", "md")


@dataclass(kw_only=True)
class Budget:
    """What a value may still take of a page: characters of text, and places (entries, items, cells)."""

    characters: int = 12_000
    places: int = 160

    @classmethod
    def of_a_page(cls) -> "Budget":
        """For a page on which there is nothing else."""
        return cls(characters=200_000, places=3_000)

    def take(self, text: str) -> str:
        """The part of a text for which there is room."""
        taken = text[: max(0, self.characters)]
        self.characters -= len(taken)
        return taken

    def seats(self, wanted: int) -> int:
        """How many places there are of those that are wanted; taken at once, so that neighbours share."""
        given = min(wanted, max(0, self.places))
        self.places -= given
        return given


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One value as it is drawn. `left_out` counts what is missing: entries, items, or characters of a text."""

    kind: str
    depth: int = 0
    text: str = ""
    prose: SafeString | None = None
    entries: list[tuple[str, "Shape"]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list["Shape"]] = field(default_factory=list)
    items: list["Shape"] = field(default_factory=list)
    file: Attachment | None = None
    count: int = 0
    left_out: int = 0
    is_code: bool = False

    @property
    def preview(self) -> str:
        """The beginning of a text that folds; empty for one that does not."""
        folds = self.count > FOLDED_TEXT or self.text.count("\n") > FOLDED_LINES
        return self.text[:PREVIEW] if folds else ""

    @property
    def here(self) -> int:
        """How many characters of a text there are to see."""
        return self.count - self.left_out

    @property
    def is_short(self) -> bool:
        """A few words in one line."""
        return self.count <= SHORT and "\n" not in self.text

    @property
    def is_open(self) -> bool:
        """A list so short that it need not fold."""
        return len(self.items) < FOLDED_ITEMS


def shape_of(value: Any, budget: Budget, *, depth: int = 0, name: str = "") -> Shape:
    """How a value is drawn; `name` is its key, which says what a number is and may say that a text is Markdown."""
    if value is None or (isinstance(value, str | dict | list) and not value):
        return Shape(kind="empty")
    match value:
        case bool():
            return Shape(kind="flag", count=int(value))
        case int() | float():
            return Shape(kind="number", text=number(value, name))
        case str():
            return _text(value, budget, name)
        case Attachment():
            return Shape(kind="file", file=value)
    if depth >= DEEPEST:
        return _text(_as_json(value), budget, is_code=True)
    if budget.places <= 0:
        return Shape(kind="cut", left_out=len(value))
    return _mapping(value, budget, depth) if isinstance(value, dict) else _list(value, budget, depth)


def key_of(key: Any) -> str:
    """A key, laid bare and not too long."""
    text = str(key)
    return revealed(text if len(text) <= LONGEST_KEY else text[: LONGEST_KEY - 1] + "…")


def label_of(key: Any) -> str:
    """A key as people read it: `customer_name` becomes "Customer name"."""
    words = key_of(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number(value: float, name: str) -> str:
    """Digits in groups, every digit kept; numbers that name something are left alone."""
    try:
        digits = str(value)
    except ValueError:  # more digits than Python writes in one go
        return f"{value:#x}"[:LONGEST_KEY] + "…"
    if NAMING.search(name) or abs(value) < 10_000:
        return digits
    return str(intcomma(digits, use_l10n=False))


def _mapping(value: dict[str, Any], budget: Budget, depth: int) -> Shape:
    shown = list(value.items())[: budget.seats(len(value))]
    entries = [
        (budget.take(label_of(key)), shape_of(item, budget, depth=depth + 1, name=str(key)[:LONGEST_KEY]))
        for key, item in shown
    ]
    left_out = len(value) - len(shown)
    return Shape(kind="mapping", depth=depth, entries=entries, count=len(value), left_out=left_out)


def _list(value: list[Any], budget: Budget, depth: int) -> Shape:
    """Short words are one line, rows of the same shape are a table."""
    if len(value) <= FEW_WORDS and all(isinstance(item, str) and len(item) <= WORD for item in value):
        return Shape(kind="line", text=budget.take(revealed(", ".join(value))))
    if _is_table(value):
        return _table(value, budget, depth)
    shown = value[: budget.seats(len(value))]
    if all(isinstance(item, Attachment) for item in value):
        files = [Shape(kind="file", file=item) for item in shown]
        return Shape(kind="files", items=files, left_out=len(value) - len(shown))
    items = [shape_of(item, budget, depth=depth + 1) for item in shown]
    return Shape(kind="list", depth=depth, items=items, count=len(value), left_out=len(value) - len(shown))


def _is_table(value: list[Any]) -> bool:
    first = value[0]
    is_row = isinstance(first, dict) and 0 < len(first) <= MOST_COLUMNS
    return is_row and all(_fits(item, list(first)) for item in value)


def _fits(item: Any, columns: list[str]) -> bool:
    return isinstance(item, dict) and list(item) == columns and all(_is_cell(cell) for cell in item.values())


def _is_cell(cell: Any) -> bool:
    if isinstance(cell, str):
        return len(cell) <= SHORT
    return isinstance(cell, int | float | None) and (cell is None or abs(cell) < 10**SHORT)


def _table(value: list[dict[str, Any]], budget: Budget, depth: int) -> Shape:
    columns = list(value[0])
    shown = value[: budget.seats(len(value) * len(columns)) // len(columns)]
    return Shape(
        kind="table",
        depth=depth,
        columns=[budget.take(label_of(column)) for column in columns],
        rows=[_cells(row.items(), budget) for row in shown],
        count=len(value),
        left_out=len(value) - len(shown),
    )


def _cells(row: Iterable[tuple[str, Any]], budget: Budget) -> list[Shape]:
    return [shape_of(cell, budget, name=key[:LONGEST_KEY]) for key, cell in row]


def _text(text: str, budget: Budget, name: str = "", *, is_code: bool = False) -> Shape:
    taken = budget.take(text)
    is_whole = len(taken) == len(text)
    is_marked_up = is_whole and not is_code and (name.lower() in MARKDOWN_NAMES or is_markdown(text))
    prose = rendered(text) if is_marked_up else None
    if prose is not None:
        budget.take(prose)  # it stands there twice
    return Shape(
        kind="text",
        text=closed_up(revealed(taken)),
        prose=prose,
        count=len(text),
        left_out=len(text) - len(taken),
        is_code=is_code,
    )


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, indent=1, ensure_ascii=False, default=str)
    except RecursionError:
        return str(type(value).__name__)
