"""Counting: how many items there are of each sort, as far as anybody wants to know: to count 100,000 takes longer than
to show the page."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import IntegerField, QuerySet, Subquery

MOST = 1000


def counted(person: User, items: Sequence[QuerySet[Any]]) -> list[int]:
    """How many there are of each, and MOST where there are as many or more; one query, in which the person is a row."""
    return list(User.objects.filter(pk=person.pk).values_list(*map(_Count, items)).get())


def in_words(count: int) -> str:
    """The number, or that there are more than it."""
    return str(count) if count < MOST else f"{MOST - 1}+"


class _Count(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, items: QuerySet[Any]) -> None:
        super().__init__(items.order_by().values("pk")[:MOST])
