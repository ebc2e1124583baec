"""Differences: what changed between two things that people read: words for text, structure for data.

Knows nothing of runs, reviews or pages. Work is bounded: what would take too long is said to be too different, or
too long, to compare, and never holds up a page.
"""

from typing import Any

from hitl_portal.differences.data import Change, compared_data
from hitl_portal.differences.findings import Difference, Kind, Row, Span
from hitl_portal.differences.sequences import Work
from hitl_portal.differences.texts import compared_texts

__all__ = ["Change", "Difference", "Kind", "Row", "Span", "difference"]


def difference(before: Any, after: Any) -> Difference:
    """What makes `after` of `before`: two texts by words, everything else (plain JSON data) by its structure."""
    work = Work()
    try:
        if isinstance(before, str) and isinstance(after, str):
            return compared_texts(before, after, work)
        return compared_data(before, after, work)
    except RecursionError:  # data that is nested deeper than anybody reads
        return Difference(kind=Kind.DIFFERENT)
