"""What breaks on our side: said in words, to people and to machines, and when to try again."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from hitl_portal import access

pytestmark = pytest.mark.django_db

Breaking = Callable[[Exception], None]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Breaking:
    """Let whatever looks at runs meet an error."""

    def break_with(error: Exception) -> None:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(access, "visible_runs", fail)
        monkeypatch.setattr(access, "visible_run", fail)
        monkeypatch.setattr("hitl_portal.hooks.views._enabled_source", fail)

    return break_with


def test_an_error_of_ours_is_a_page_without_internals(
    client: Client, breaking: Breaking, reviewer: User
) -> None:
    breaking(RuntimeError("secret inside"))
    client.force_login(reviewer)
    page = client.get(reverse("runs:list"))

    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()
    assert "secret inside" not in page.content.decode()


def test_a_database_that_is_away_is_no_error_of_ours_and_may_be_asked_again(
    client: Client, breaking: Breaking, reviewer: User
) -> None:
    breaking(OperationalError("database or disk is full"))
    client.force_login(reviewer)
    page = client.get(reverse("runs:list"))

    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "cannot reach its database" in page.content.decode()


def test_machines_are_told_in_their_own_form(client: Client, breaking: Breaking) -> None:
    breaking(OperationalError("server closed the connection"))
    away = client.post(reverse("hooks:receive", args=["shop"]))
    assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    assert away.json()["type"].endswith(":unavailable")

    breaking(RuntimeError("secret inside"))
    broken = client.post(reverse("hooks:receive", args=["shop"]))
    assert (broken.status_code, broken.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in broken.content.decode()
