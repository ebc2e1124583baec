"""Throttling: so many a minute, counted in a row of whoever comes, so that several web processes count together.

The row holds when the next one would be due if all came evenly; each moves that on by one interval, and is refused
where it is too far ahead. That is one conditional UPDATE, exact however many come at once (it is known as GCRA): a
whole minute's may come together, then one an interval.
"""

import math
import time
from typing import Any

from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Greatest

from hitl_portal.problems import Problem

MINUTE = 60.0


def admit(row: QuerySet[Any], column: str, per_minute: int, refusal: str) -> None:
    """Count one. `row` is a query for the one row; its `column` a float, 0 at first. Raises Problem `too-many`, with
    Retry-After, for one too many."""
    now = time.time()
    interval = MINUTE / per_minute
    ahead = now + MINUTE - interval
    due = Greatest(F(column), Value(now, FloatField())) + interval
    if row.filter(**{f"{column}__lte": ahead}).update(**{column: due}):
        return
    free_at = row.values_list(column, flat=True).first() or now
    wait = max(1, math.ceil(free_at - ahead))
    raise Problem("too-many", refusal, {"Retry-After": str(wait)})
