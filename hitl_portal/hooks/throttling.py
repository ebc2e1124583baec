"""Throttling: so many posts a minute, counted in the source's row, so that several web processes count together.

The row holds when the next post would be due if all came evenly; a post moves that on by one interval, and is refused
where it is too far ahead. That is one conditional UPDATE, exact however many come at once (it is known as GCRA): a
whole minute's posts may come together, then one an interval. Forged posts have a time of their own, so that a stranger
cannot use up what a source may send.
"""

import math
import time
from typing import Literal

from django.db.models import F, FloatField, Value
from django.db.models.functions import Greatest

from hitl_portal.hooks.models import WebhookSource
from hitl_portal.problems import Problem

Column = Literal["free_at", "forged_free_at"]
MINUTE = 60.0


def admit(source: WebhookSource, *, column: Column = "free_at") -> None:
    """Count a post. Raises Problem `too-many`, with Retry-After, for one more than the source may send."""
    now = time.time()
    interval = MINUTE / source.per_minute
    ahead = now + MINUTE - interval
    row = WebhookSource.objects.filter(pk=source.pk)
    due = Greatest(F(column), Value(now, FloatField())) + interval
    if row.filter(**{f"{column}__lte": ahead}).update(**{column: due}):
        return
    free_at = row.values_list(column, flat=True).first() or now
    wait = max(1, math.ceil(free_at - ahead))
    said = f"This source may post {source.per_minute} times a minute"
    raise Problem("too-many", said, {"Retry-After": str(wait)})
