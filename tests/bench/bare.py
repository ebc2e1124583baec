"""Bare: a Django project of two views and no middleware, which send the statements that the portal was seen to send.

What differs from one request to the next is given new: the ids that were new, and whose run and question it is.
"""

import os
import pickle
import re
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from workflows.databases import database
from workflows.ids import new_id

ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Rows that are sent as one text have theirs in it.
WITHIN = re.compile(r"(?<=\")[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\")")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The statements of a request, each with whether it was sent in a transaction; and the ids to be replaced: those
    with a name by what the form says under it, all others by new ones."""

    statements: list[tuple[bool, str, tuple[Any, ...]]]
    named: dict[UUID, str]
    others: list[UUID]


def ids_in(statements: list[tuple[bool, str, tuple[Any, ...]]]) -> set[UUID]:
    """All ids that statements are given."""
    given = [value for _, _, params in statements for value in params]
    texts = (found for value in given if isinstance(value, str) for found in WITHIN.findall(value))
    return {found for value in (*given, *texts) if (found := as_id(value))}


def as_id(value: object) -> UUID | None:
    """The id that a value is, in whatever spelling."""
    if isinstance(value, str):
        return UUID(value) if ID.fullmatch(value) else None
    return value if isinstance(value, UUID) else None


def view(request: HttpRequest, name: str) -> HttpResponse:
    """Send them."""
    recorded = _recorded(name)
    ids = dict(zip(recorded.others, (new_id() for _ in recorded.others), strict=True))
    ids |= {known: UUID(request.POST[name]) for known, name in recorded.named.items()}
    with connection.cursor() as cursor:
        for is_atomic, some in groupby(recorded.statements, key=lambda sent: sent[0]):
            with transaction.atomic() if is_atomic else nullcontext():
                for _, sql, params in some:
                    cursor.execute(sql, [_spelled(value, ids) for value in params])
                    if cursor.description:
                        cursor.fetchall()
    return HttpResponse(status=302, headers={"Location": "/"})


def _spelled(value: Any, ids: dict[UUID, UUID]) -> Any:
    known = as_id(value)
    if known is None:
        return WITHIN.sub(partial(_other, ids), value) if isinstance(value, str) else value
    if known not in ids:
        return value
    if isinstance(value, UUID):
        return ids[known]
    return str(ids[known]) if "-" in value else ids[known].hex


def _other(ids: dict[UUID, UUID], found: re.Match[str]) -> str:
    known = UUID(found[0])
    return str(ids.get(known, known))


@cache
def _recorded(name: str) -> Recorded:
    found: Recorded = pickle.loads(Path(os.environ["BENCH_RECORDED"], name).read_bytes())
    return found


urlpatterns = [path("<name>/", view)]

if not settings.configured and "BENCH_RECORDED" in os.environ:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": database(os.environ["DATABASE_URL"])},
        MIDDLEWARE=["hitl_portal.middleware.one_thread_hop"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="bench",
        USE_TZ=True,
    )
    django.setup()
    application = get_asgi_application()
