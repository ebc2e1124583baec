"""The doctor's page: opening it looks at nothing; pressing does, at everything or at one thing, also without htmx."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from hitl_portal.doctor import subjects
from hitl_portal.doctor.findings import Check, Finding, Subject, failed, ok
from hitl_portal.doctor.seeing import SALT
from tests.hitl_portal.conftest import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two checks that note that they were made."""
    made: list[str] = []

    def noting(name: str, finding: Finding) -> Callable[[], Finding]:
        def look() -> Finding:
            made.append(name)
            return finding

        return look

    found = {"first": ok("Fine & well."), "second": failed("Off.", "Switch it on.")}
    checks = tuple(
        Check(name=name, title=name.title(), looked_at=f"Looks at {name}.", look=noting(name, finding))
        for name, finding in found.items()
    )
    monkeypatch.setattr(subjects, "SUBJECTS", (Subject(name="all", title="All", checks=checks),))
    return made


@pytest.fixture
def client(as_: SignIn, admin: User) -> Client:
    return as_(admin)


def test_opening_it_looks_at_nothing(client: Client, looked: list[str]) -> None:
    page = client.get("/doctor/").content.decode()

    assert looked == []
    assert "Looks at first." in page
    assert "Fine &amp; well." not in page


def test_pressing_looks_at_everything_and_says_what_to_do(client: Client, looked: list[str]) -> None:
    page = client.post("/doctor/").content.decode()

    assert sorted(looked) == ["first", "second"]
    for words in ("Fine &amp; well.", "Off.", "Switch it on.", "1 failed", "1 well", "Examine again"):
        assert words in page


def test_one_thing_can_be_looked_at_alone(client: Client, looked: list[str]) -> None:
    page = client.post("/doctor/", {"check": "second"}).content.decode()

    assert looked == ["second"]
    assert "Switch it on." in page


def test_with_htmx_the_page_then_asks_for_each(client: Client, looked: list[str]) -> None:
    parts = client.post("/doctor/", headers=HTMX).content.decode()

    assert looked == []
    assert parts.count('hx-trigger="load"') == 2
    assert '{"check": "first"}' in parts


def test_with_htmx_one_is_one_line(client: Client, looked: list[str]) -> None:
    line = client.post("/doctor/", {"check": "first"}, headers=HTMX).content.decode()

    assert looked == ["first"]
    assert line.strip().startswith("<li")
    assert "hx-trigger" not in line
    assert "<html" not in line


def test_what_is_not_there_is_not_looked_at(client: Client, looked: list[str]) -> None:
    answer = client.post("/doctor/", {"check": "http://169.254.169.254/"}, headers=HTMX)

    assert (answer.status_code, looked) == (204, [])


def test_others_look_at_nothing(as_: SignIn, reviewer: User, looked: list[str]) -> None:
    assert as_(reviewer).post("/doctor/").status_code == 403
    assert looked == []


def test_the_page_is_small(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        page = client.get("/doctor/").content

    assert len(page) < 40_000


def test_how_a_request_arrived_is_told_to_who_has_the_key(client: Client) -> None:
    said = Client().get(f"/doctor/seen/{signing.dumps('doctor', salt=SALT)}/").json()

    assert (said["scheme"], said["host"]) == ("http", "testserver")


@pytest.mark.parametrize("made", [lambda: "made-up", lambda: signing.dumps("doctor", salt="another")])
def test_it_is_told_to_nobody_else(made: Callable[[], str]) -> None:
    token = made()
    assert Client().get(f"/doctor/seen/{token}/").status_code == 404
