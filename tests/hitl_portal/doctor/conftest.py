"""A web process behind a proxy, for the whole file; the doctor examines from the process of the tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection

from tests import databases
from tests.e2e.portal import free_port
from tests.hitl_portal.doctor.proxy import Proxy
from tests.waiting import eventually


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[int]:
    """Give the port of a web process on the database of the tests, which believes its proxy."""
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
        "DATABASE_URL": databases.url_of(connection.settings_dict),
        "SECRET_KEY": str(settings.SECRET_KEY),
        "HITL_BEHIND_PROXY": "1",
    }
    command = [sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "hitl_portal.asgi:application"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) as process:
        eventually(lambda: _answers(port), "a web process")
        yield port
        process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def proxy(web: int, settings: Any) -> Iterator[Proxy]:
    """Give a proxy in front of it, at the public address."""
    with Proxy(web) as standing:
        thread = standing.serve()
        settings.HITL_PUBLIC_URL = f"http://localhost:{standing.port}"
        settings.CSRF_TRUSTED_ORIGINS = [settings.HITL_PUBLIC_URL]
        yield standing
        standing.shutdown()
        thread.join()
