"""Signing in with a password, and signing out."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn

pytestmark = pytest.mark.one_database

PASSWORD = "a password for tests"


def test_a_password_signs_in(client: Client, reviewer: User) -> None:
    response = client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert response.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(reviewer.pk)


def test_a_wrong_one_keeps_the_name(client: Client, reviewer: User) -> None:
    response = client.post("/accounts/sign-in/", {"login": "reviewer", "password": "wrong"})
    page = response.content.decode()
    assert 'value="reviewer"' in page
    assert 'role="alert"' in page


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/runs/", "/runs/"),
        ("https://attacker.example/", "/"),
        ("//attacker.example", "/"),
        ("http://127.0.0.1/", "/"),
    ],
)
def test_it_leads_back_to_our_own_pages_only(
    client: Client, reviewer: User, target: str, goes_to: str
) -> None:
    data = {"login": "reviewer", "password": PASSWORD, "next": target}
    assert client.post("/accounts/sign-in/", data).headers["Location"] == goes_to


def test_signing_out_is_a_form(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    assert client.get("/accounts/sign-out/").status_code == 405
    assert client.post("/accounts/sign-out/").status_code == 302
    assert "_auth_user_id" not in client.session
