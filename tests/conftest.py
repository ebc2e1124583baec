"""What every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import databases
from tests.emptying import empty
from tests.rows import a_person
from workflows import policy

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
TESTS = Path(__file__).parent
# Where tests are of pages and addresses; what of them leans on a database of its own kind is in `live`.
PAGES, LIVE = (TESTS / "hitl_portal", TESTS / "workflows" / "admin"), TESTS / "hitl_portal" / "live"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, so that it can be run again on another one; and what is on turn there."""
    for item in items:
        touches = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(
            getattr(item, "fixturenames", ())
        )
        if touches and not item.get_closest_marker("one_database"):
            item.add_marker("database")
            if not _is_on_turn(item):
                item.add_marker("other_database")


def _is_on_turn(item: pytest.Item) -> bool:
    """Whether a test is to be run on this database: one of a page on either, by the seed of the run, so that each gets
    its turn on both; any other one always."""
    seed = os.environ.get("TURNS")
    is_of_a_page = any(folder in item.path.parents for folder in PAGES) and LIVE not in item.path.parents
    if not seed or not is_of_a_page:
        return True
    return (crc32(item.nodeid.encode()) + int(seed)) % 2 == databases.IS_POSTGRES


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the database; before it goes, part with the connections of threads that have outlived their test."""
    yield
    if databases.IS_POSTGRES:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True, scope="session")
def emptying_between_tests() -> Iterator[None]:
    """Empty the tables after tests that commit, as `emptying` does it."""

    def emptied(test_case: TransactionTestCase) -> None:
        for name in test_case.databases:
            empty(connections[name])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture
def process_environment(db: None) -> dict[str, str]:
    """Give the environment in which a command of `manage.py` works on this test's database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
        "DATABASE_URL": databases.url_of(connection.settings_dict),
    }


@pytest.fixture
def requester(db: None) -> User:
    """Give somebody who asks for runs."""
    return a_person("requester")


@pytest.fixture
def reviewer(db: None) -> User:
    """Give somebody who decides."""
    return a_person("reviewer", policy.REVIEWERS)


@pytest.fixture
def admin(db: None) -> User:
    """Give somebody who decides and may end every run."""
    return a_person("admin", policy.ADMINS)


@pytest.fixture
def stranger(db: None) -> User:
    """Give somebody who has nothing to do with it."""
    return a_person("stranger")
