"""Bare: a Django project of two views and no middleware, which send the statements that the portal was seen to send."""

import os
import pickle
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from uuid import UUID

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.bench.recorded import Recorded
from workflows.databases import database


def view(request: HttpRequest, name: str) -> HttpResponse:
    """Send them."""
    recorded = _recorded(name)
    given = {field: UUID(request.POST[field]) for field in recorded.named.values()}
    with connection.cursor() as cursor:
        for one in recorded.again(**given):
            with transaction.atomic() if one.is_atomic else nullcontext():
                for sql, params in one.statements:
                    cursor.execute(sql, params)
                    if cursor.description:
                        cursor.fetchall()
    return HttpResponse(status=302, headers={"Location": "/"})


@cache
def _recorded(name: str) -> Recorded:
    found: Recorded = pickle.loads(Path(os.environ["BENCH_RECORDED"], name).read_bytes())
    return found


urlpatterns = [path("<name>/", view)]

if not settings.configured and "BENCH_RECORDED" in os.environ:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": database(os.environ["DATABASE_URL"])},
        ROOT_URLCONF=__name__,
        SECRET_KEY="bench",
        USE_TZ=True,
    )
    django.setup()
    application = get_asgi_application()
