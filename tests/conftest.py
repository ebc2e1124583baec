"""What every test may use."""

import os

import pytest
from django.db import connection

from tests import databases

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, so that it can be run again on another one."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture
def process_environment(db: None) -> dict[str, str]:
    """Give the environment in which a command of `manage.py` works on this test's database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
        "DATABASE_URL": databases.url_of(connection.settings_dict),
    }
