"""What load balancers ask, without signing in."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from hitl_portal import health


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_done", set())


def test_a_process_that_lives_says_so_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_with_a_database_of_this_version(client: Client) -> None:
    assert [client.get("/readyz").status_code for _ in range(2)] == [200, 200]


@pytest.mark.django_db
def test_it_is_not_ready_while_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="workflows").delete()
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database is not migrated\n")


@pytest.mark.django_db
def test_it_is_not_ready_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused by 10.0.0.7")

    monkeypatch.setattr(connection, "ensure_connection", away)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database cannot be reached\n")
