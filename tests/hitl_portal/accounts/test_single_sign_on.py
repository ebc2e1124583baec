"""Single sign-on against a real provider: who comes in, as whom, and who does not."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.test import Client

from tests.hitl_portal.accounts.codes import an_app
from tests.hitl_portal.accounts.conftest import is_signed_in
from tests.hitl_portal.accounts.issuing import CLIENT, SECRET, Provider, provided

pytestmark = pytest.mark.one_database

BEGIN = "/accounts/sso/sso/"
ADDRESS = "reviewer@example.com"


@pytest.fixture
def provider(settings: LazySettings, db: None) -> Iterator[Provider]:
    """Give a provider that the settings name."""
    with provided() as running:
        settings.HITL_OIDC_ISSUER = running.address
        settings.HITL_OIDC_NAME = "Example"
        app = {
            "provider_id": settings.OIDC_PROVIDER_ID,
            "name": "Example",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": running.address},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        running.claims = {"sub": "r-1", "email": ADDRESS, "email_verified": True, "preferred_username": "rev"}
        yield running


@pytest.fixture
def known(reviewer: User) -> User:
    """Give the reviewer, by an address that an admin has entered."""
    reviewer.email = ADDRESS
    reviewer.save()
    return reviewer


def come(client: Client, query: str = "") -> Any:
    """Go to the provider and back, as a browser does."""
    leaving = client.get(BEGIN + query)
    assert leaving.status_code == 302, leaving.content
    back = httpx.get(leaving.headers["Location"]).headers["Location"]
    assert back.startswith(f"http://localhost:8000{BEGIN}back/")
    return client.get(back.removeprefix("http://localhost:8000"))


def test_a_verified_address_finds_its_account(client: Client, provider: Provider, known: User) -> None:
    assert come(client, "?next=/runs/").headers["Location"] == "/runs/"
    assert client.session["_auth_user_id"] == str(known.pk)
    known.refresh_from_db()
    assert known.has_usable_password()


def test_afterwards_they_are_known_by_the_issuer_s_name(
    client: Client, provider: Provider, known: User
) -> None:
    come(client)
    provider.claims |= {"email": "married@example.com"}
    again = Client()
    come(again)
    assert again.session["_auth_user_id"] == str(known.pk)


def test_another_issuer_s_names_are_other_people_s(
    client: Client, provider: Provider, known: User, settings: LazySettings
) -> None:
    come(client)
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    settings.OIDC_PROVIDER_ID = app["provider_id"] = "sso-another"
    provider.claims["email_verified"] = False
    again = Client()
    assert come(again).status_code == 403
    assert not is_signed_in(again)


def test_the_settings_tell_issuers_apart(settings: LazySettings) -> None:
    digest = sha256(settings.HITL_OIDC_ISSUER.encode()).hexdigest()
    assert f"sso-{digest[:8]}" == settings.OIDC_PROVIDER_ID


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 1.5])
def test_an_address_that_is_not_verified_takes_nothing_over(
    client: Client, provider: Provider, known: User, settings: LazySettings, verified: object
) -> None:
    settings.HITL_OIDC_CREATE = True
    provider.claims["email_verified"] = verified
    assert come(client).status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_that_another_address_is_verified_takes_nothing_over(
    client: Client, provider: Provider, known: User
) -> None:
    del provider.claims["email_verified"]
    provider.token = {"email": "somebody@example.com", "email_verified": True}
    assert come(client).status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_address_that_two_have_finds_nobody(client: Client, provider: Provider, known: User) -> None:
    User.objects.create_user("double", email=ADDRESS.upper())
    assert come(client).status_code == 403
    assert not is_signed_in(client)


def test_who_has_no_account_gets_none_unasked(client: Client, provider: Provider) -> None:
    answer = come(client)
    assert "There is no account for you yet" in answer.content.decode()
    assert not User.objects.exists()


def test_with_the_setting_one_is_made(client: Client, provider: Provider, settings: LazySettings) -> None:
    settings.HITL_OIDC_CREATE = True
    come(client)
    made = User.objects.get()
    assert (made.username, made.email, made.has_usable_password()) == ("rev", ADDRESS, False)
    assert (made.is_staff, made.is_superuser) == (False, False)
    assert is_signed_in(client)


def test_a_name_that_is_taken_is_not_taken_over(
    client: Client, provider: Provider, settings: LazySettings
) -> None:
    settings.HITL_OIDC_CREATE = True
    first = User.objects.create_user("rev")
    come(client)
    assert client.session["_auth_user_id"] != str(first.pk)


def test_an_account_is_never_made_with_an_address_that_is_not_verified(
    client: Client, provider: Provider, settings: LazySettings
) -> None:
    settings.HITL_OIDC_CREATE = True
    provider.claims["email_verified"] = False
    come(client)
    assert User.objects.get().email == ""


def test_a_closed_account_stays_closed(client: Client, provider: Provider, known: User) -> None:
    User.objects.update(is_active=False)
    assert come(client).headers["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)


def test_the_second_factor_is_asked_for_as_well(client: Client, provider: Provider, known: User) -> None:
    an_app(known)
    assert come(client).headers["Location"] == "/accounts/sign-in/second/"


def test_groups_are_those_that_the_claim_names(
    client: Client, provider: Provider, known: User, settings: LazySettings
) -> None:
    settings.HITL_OIDC_GROUPS_CLAIM = "groups"
    Group.objects.create(name="finance")
    provider.claims["groups"] = ["finance", "unknown"]
    come(client)
    assert [group.name for group in known.groups.all()] == ["finance"]


def test_without_that_setting_groups_stay(client: Client, provider: Provider, known: User) -> None:
    come(client)
    assert known.groups.count() == 1


@pytest.mark.parametrize(
    "lie", [{"iss": "https://other.example"}, {"aud": "another"}, {"exp": 1}, {"sub": "somebody-else"}]
)
def test_a_token_that_is_not_for_us_lets_nobody_in(
    client: Client, provider: Provider, known: User, lie: dict[str, object]
) -> None:
    provider.token = lie
    assert come(client).status_code == 401
    assert not is_signed_in(client)


def test_a_token_of_another_s_key_lets_nobody_in(client: Client, provider: Provider, known: User) -> None:
    provider.signs_with = generate_private_key(65537, 2048)
    assert come(client).status_code == 401
    assert not is_signed_in(client)


def test_a_token_that_we_could_sign_ourselves_lets_nobody_in(
    client: Client, provider: Provider, known: User, recwarn: pytest.WarningsRecorder
) -> None:
    provider.signs_with, provider.algorithm = SECRET.encode().ljust(32, b"."), "HS256"
    assert come(client).status_code == 401
    assert not is_signed_in(client)


def test_an_answer_to_another_browser_s_question_is_refused(
    client: Client, provider: Provider, known: User
) -> None:
    leaving = client.get(BEGIN).headers["Location"]
    back = httpx.get(leaving).headers["Location"]
    other = Client()
    assert other.get(back.removeprefix("http://localhost:8000")).status_code == 401
    assert not is_signed_in(other)


def test_what_leaves_has_a_proof_key_and_our_public_address(client: Client, provider: Provider) -> None:
    leaving = client.get(BEGIN, headers={"host": "127.0.0.1"}).headers["Location"]
    asked = parse_qs(urlsplit(leaving).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://localhost:8000{BEGIN}back/"]


def test_another_site_cannot_send_somebody_through_unasked(client: Client, provider: Provider) -> None:
    answer = client.get(BEGIN, headers={"sec-fetch-site": "cross-site"})
    assert "Go on only if you want that" in answer.content.decode()


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_an_open_session_connects_no_further_name_to_its_account(
    client: Client, provider: Provider, reviewer: User, process: str
) -> None:
    client.force_login(reviewer)
    assert client.get(f"{BEGIN}?process={process}").status_code == 404
    assert not SocialAccount.objects.exists()


def test_an_address_asks_the_issuer_for_nothing_of_its_own(client: Client, provider: Provider) -> None:
    more = "?auth_params=prompt%3Dnone%26login_hint%3Dadmin&scope=offline_access&action=reauthenticate"
    asked = parse_qs(urlsplit(client.get(BEGIN + more).headers["Location"]).query)
    assert sorted(asked["scope"][0].split()) == ["email", "openid", "profile"]
    assert not {"prompt", "login_hint", "auth_type"} & set(asked)


def test_it_leads_on_to_our_pages_only(client: Client, provider: Provider, known: User) -> None:
    assert come(client, "?next=https://evil.example/").headers["Location"] == "/"


def test_a_provider_that_is_away_is_told_as_that(
    client: Client, provider: Provider, settings: LazySettings
) -> None:
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    assert client.get(BEGIN).status_code == 401


def test_the_sign_in_page_offers_it(client: Client, provider: Provider) -> None:
    assert "Sign in with Example" in client.get("/accounts/sign-in/").content.decode()


def test_there_is_one_address_of_it(client: Client, provider: Provider, settings: LazySettings) -> None:
    for other in (settings.OIDC_PROVIDER_ID, "openid_connect", "another"):
        assert client.get(f"/accounts/sso/{other}/").status_code == 404


def test_without_an_issuer_there_is_nothing(client: Client, db: None) -> None:
    assert client.get(BEGIN).status_code == 404
    assert "Sign in with Example" not in client.get("/accounts/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("issuer", "is_wrong"),
    [("http://id.example", True), ("https://id.example", False), ("http://127.0.0.1:1", False), ("", False)],
)
def test_an_issuer_that_anybody_could_speak_for_is_refused(
    settings: LazySettings, issuer: str, is_wrong: bool
) -> None:
    settings.HITL_OIDC_ISSUER = issuer
    assert any(found.id == "accounts.E001" for found in run_checks()) is is_wrong


def test_the_provider_of_the_tests_signs_for_real(provider: Provider) -> None:
    signed = provider.tokens()["id_token"]
    assert jwt.decode(signed, provider.key.public_key(), ["RS256"], audience=CLIENT)["sub"] == "r-1"
