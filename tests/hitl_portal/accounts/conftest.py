"""People who sign in with a password, and what they send."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

PASSWORD = "a password for tests"

Trying = Callable[..., int]


@pytest.fixture
def try_it(client: Client, db: None) -> Trying:
    """Send a name and a password; the status. From `address`, in the browser `by` or the test's own."""

    def tried(name: str, password: str, *, address: str = "127.0.0.1", by: Client | None = None) -> int:
        sent = {"login": name, "password": password}
        answer = (by or client).post("/accounts/sign-in/", sent, REMOTE_ADDR=address)
        return answer.status_code

    return tried


@pytest.fixture
def signed_in(client: Client, reviewer: User) -> Client:
    """Give the reviewer's browser, in which they have typed their password just now."""
    client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert is_signed_in(client)
    return client


def is_signed_in(client: Client) -> bool:
    """Whether the browser holds a session of somebody."""
    return "_auth_user_id" in client.session


def prove(client: Client, **proof: str) -> None:
    """Show the password (or, as `code`, a factor) again."""
    path = "/accounts/confirm/code/" if "code" in proof else "/accounts/confirm/password/"
    assert client.post(path, proof or {"password": PASSWORD}).status_code == 302
