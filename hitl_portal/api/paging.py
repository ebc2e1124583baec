"""Paging: lists by cursor. A cursor names the last item that was told, so that what comes meanwhile shifts nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import Field

from hitl_portal.problems import Problem
from hitl_portal.strict_json import NO_TEXT

Row = TypeVar("Row", bound=Model)

MOST = 100


class Paging(Schema):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=MOST, description="How many at most")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before")


def moment(text: str) -> datetime:
    """A moment, as cursors write it. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


@dataclass(frozen=True, kw_only=True)
class Order:
    """Items by a field (a moment, or what `reads` makes of a text) and, where two have the same one, by their id."""

    field: str
    newest_first: bool = False
    reads: Callable[[str], Any] = moment

    def page(self, rows: QuerySet[Row], paging: Paging) -> tuple[list[Row], str | None]:
        """The items of a page, and the cursor of the next one; one query."""
        sign = "-" if self.newest_first else ""
        if paging.cursor:
            rows = rows.filter(self._beyond(paging.cursor))
        found = list(rows.order_by(f"{sign}{self.field}", f"{sign}id")[: paging.limit + 1])
        told = found[: paging.limit]
        return told, self._cursor(told[-1]) if len(found) > paging.limit else None

    def _beyond(self, cursor: str) -> Q:
        at, row_id = self._read(cursor)
        after = "lt" if self.newest_first else "gt"
        # The first condition is what an index is walked along by.
        within = Q(**{f"{self.field}__{after}e": at})
        return within & (Q(**{f"{self.field}__{after}": at}) | Q(**{f"id__{after}": row_id}))

    def _cursor(self, row: Model) -> str:
        value = getattr(row, self.field)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return urlsafe_b64encode(f"{row.pk} {text}".encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> tuple[Any, UUID]:
        try:
            row_id, _, text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
            if NO_TEXT.search(text):
                raise ValueError(text)
            return self.reads(text), UUID(row_id)
        except ValueError:
            said = "This cursor is not one of ours"
            raise Problem("validation", said, errors=[{"detail": said, "pointer": "/cursor"}]) from None
