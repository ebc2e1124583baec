"""Every page speaks the viewer's language: what they chose, else what their browser prefers."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import Ask, SignIn

GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(("header", "language"), [("de-AT,de;q=0.9", "de"), ("fr", "en"), ("", "en")])
def test_the_browser_says_which_language_it_prefers(
    client: Client, db: None, header: str, language: str
) -> None:
    page = client.get("/accounts/sign-in/", headers={"accept-language": header}).content.decode()
    assert f'<html lang="{language}"' in page
    assert ("Anmelden" in page) is (language == "de")


def test_what_somebody_chose_counts_more(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    client.post("/accounts/preferences/", {"language": "en"})
    assert '<html lang="en"' in client.get("/", headers=GERMAN).content.decode()


def test_a_language_can_be_chosen_before_signing_in(client: Client, db: None) -> None:
    response = client.post("/accounts/preferences/", {"language": "de", "next": "/accounts/sign-in/"})
    assert response.headers["Location"] == "/accounts/sign-in/"
    assert "Anmelden" in client.get("/accounts/sign-in/").content.decode()


def test_a_language_that_nobody_has_written_is_not_kept(client: Client, db: None) -> None:
    client.post("/accounts/preferences/", {"language": "tlh"})
    assert "hitl_language" not in client.cookies


def test_fragments_speak_it_too(as_: SignIn, reviewer: User, ask: Ask) -> None:
    requirement = ask()
    fragment = as_(reviewer).get(
        f"/requirements/{requirement.pk}/card/", headers={"hx-request": "true", **GERMAN}
    )
    assert "Ihre Entscheidung" in fragment.content.decode()


@pytest.mark.parametrize("address", ["/nowhere/", "/runs/01890000-0000-7000-8000-000000000000/"])
def test_errors_speak_it_too(as_: SignIn, reviewer: User, address: str) -> None:
    page = as_(reviewer).get(address, headers=GERMAN)
    assert page.status_code == 404
    assert "<title>Hier ist nichts" in page.content.decode()


def test_the_page_for_our_own_errors_needs_no_database(client: Client) -> None:
    client.raise_request_exception = False
    client.cookies["hitl_theme"] = "dark"
    client.cookies["hitl_session"] = "somebody's"  # which no database can look up here
    page = client.get("/", headers=GERMAN)
    assert page.status_code == 500
    assert 'lang="de" data-theme="dark"' in page.content.decode()
