"""Who tries out passwords is stopped; whose account it is, is not."""

import pytest
from django.contrib.auth.models import User
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.test import Client

from hitl_portal.accounts.links import sign_in_url
from tests.hitl_portal.accounts.conftest import PASSWORD, Trying, is_signed_in

TRIES = 5


def fail(try_it: Trying, name: str, times: int = TRIES, by: Client | None = None) -> None:
    for number in range(times):
        try_it(name, f"wrong {number}", address=f"192.0.2.{number}", by=by)


def test_after_some_failures_the_right_password_opens_nothing(
    client: Client, reviewer: User, try_it: Trying
) -> None:
    fail(try_it, "reviewer")
    assert try_it("reviewer", PASSWORD, address="192.0.2.99") == 200
    assert not is_signed_in(client)


def test_an_address_that_fails_for_many_names_is_stopped(
    client: Client, reviewer: User, try_it: Trying
) -> None:
    for number in range(10):
        try_it(f"somebody {number}", "wrong")
    try_it("reviewer", PASSWORD)
    assert not is_signed_in(client)


def test_strangers_do_not_lock_a_person_out_of_their_browser(reviewer: User, try_it: Trying) -> None:
    own = Client()
    try_it("reviewer", PASSWORD, by=own)
    own.post("/accounts/sign-out/")
    fail(try_it, "reviewer", by=Client())
    assert try_it("reviewer", PASSWORD, address="192.0.2.99", by=own) == 302


def test_a_known_browser_has_no_more_tries_than_others(reviewer: User, try_it: Trying) -> None:
    own = Client()
    try_it("reviewer", PASSWORD, by=own)
    own.post("/accounts/sign-out/")
    fail(try_it, "reviewer", by=own)
    assert try_it("reviewer", PASSWORD, address="192.0.2.99", by=own) == 200


def test_a_browser_is_known_for_those_who_have_used_it(reviewer: User, admin: User, try_it: Trying) -> None:
    own = Client()
    try_it("reviewer", PASSWORD, by=own)
    own.post("/accounts/sign-out/")
    fail(try_it, "admin", by=own)
    assert try_it("admin", PASSWORD, address="192.0.2.99", by=Client()) == 200


@pytest.mark.parametrize("text", ["", "nonsense", "eyJhIjoxfQ:1abc:forged"])
def test_a_forged_cookie_makes_no_browser_known(reviewer: User, try_it: Trying, text: str) -> None:
    forged = Client()
    forged.cookies["hitl_known"] = text
    fail(try_it, "reviewer", by=forged)
    assert try_it("reviewer", PASSWORD, address="192.0.2.99", by=Client()) == 200


def test_a_link_still_lets_in_who_is_locked_out(client: Client, reviewer: User, try_it: Trying) -> None:
    fail(try_it, "reviewer")
    client.post(sign_in_url(reviewer).removeprefix("http://localhost:8000"))
    assert is_signed_in(client)


def test_nobody_learns_from_the_answer_who_is_known(client: Client, reviewer: User) -> None:
    pages = [
        client.post("/accounts/sign-in/", {"login": name, "password": "wrong"}).content.decode()
        for name in ("reviewer", "nobody12")
    ]
    said = [page[page.index('role="alert"') :].split("</p>")[0] for page in pages]
    assert said[0] == said[1]


def test_where_nothing_can_be_counted_nobody_gets_in(
    client: Client, reviewer: User, try_it: Trying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseCache, "add", lambda *_, **__: False)
    assert try_it("reviewer", PASSWORD) == 429
    assert not is_signed_in(client)


def test_the_counts_are_in_the_database(reviewer: User, try_it: Trying) -> None:
    try_it("reviewer", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hitl_shared_cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] >= 2
