"""Second factors: codes of an app, and recovery codes. Passkeys are tried in a browser (tests/e2e/test_accounts.py)."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client

from hitl_portal.accounts.links import sign_in_url
from tests.hitl_portal.accounts.codes import an_app, code, wrong
from tests.hitl_portal.accounts.conftest import PASSWORD, is_signed_in, prove

pytestmark = pytest.mark.one_database

APP = "/accounts/security/app/"
SECOND = "/accounts/sign-in/second/"


def half_way(client: Client) -> None:
    """Type the password; the second factor is asked for."""
    answer = client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert answer.headers["Location"] == SECOND


def set_up(client: Client) -> str:
    """Set up an app, and return its secret."""
    prove(client)
    page = client.get(APP).content.decode()
    found = re.search(r'class="totp-key">(\w+)<', page)
    assert found
    assert client.post(APP, {"code": code(found[1])}).headers["Location"] == "/accounts/security/codes/"
    return found[1]


def test_the_password_alone_lets_nobody_in(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    half_way(client)
    assert not is_signed_in(client)
    assert client.get("/").status_code == 302


def test_the_code_does(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    half_way(client)
    assert client.post(SECOND, {"code": wrong()}).status_code == 200
    client.post(SECOND, {"code": code()})
    assert is_signed_in(client)


def test_a_code_works_once(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    used = code()
    for browser, comes_in in ((client, True), (Client(), False)):
        half_way(browser)
        browser.post(SECOND, {"code": used})
        assert is_signed_in(browser) is comes_in


def test_nor_again_a_little_later_while_it_is_still_right(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    used = code()
    half_way(client)
    client.post(SECOND, {"code": used})
    with connection.cursor() as cursor:  # what allauth remembers of it is over after half a minute
        cursor.execute("DELETE FROM hitl_shared_cache WHERE cache_key LIKE '%%totp.used%%'")
        assert cursor.rowcount == 1
    other = Client()
    half_way(other)
    assert other.post(SECOND, {"code": f" {used[:3]} {used[3:]}"}).status_code == 200
    assert not is_signed_in(other)


def test_codes_cannot_be_tried_out(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    half_way(client)
    for number in range(5):
        client.post(SECOND, {"code": wrong()}, REMOTE_ADDR=f"192.0.2.{number}")
    client.post(SECOND, {"code": code()}, REMOTE_ADDR="192.0.2.99")
    assert not is_signed_in(client)


def test_a_link_stands_for_the_password_only(client: Client, reviewer: User) -> None:
    an_app(reviewer)
    answer = client.post(sign_in_url(reviewer).removeprefix("http://localhost:8000"))
    assert answer.headers["Location"] == SECOND
    assert not is_signed_in(client)


def test_setting_one_up_asks_for_the_password_first(signed_in: Client) -> None:
    assert signed_in.get(APP).headers["Location"].startswith("/accounts/confirm/password/")
    set_up(signed_in)


def test_its_secret_is_sealed_wherever_it_is_kept(signed_in: Client, reviewer: User) -> None:
    prove(signed_in)
    page = signed_in.get(APP).content.decode()
    secret = re.findall(r'class="totp-key">(\w+)<', page)[0]
    assert not [row for row in Session.objects.all() if secret in str(row.get_decoded())]
    signed_in.post(APP, {"code": code(secret)})
    kept = [str(row.data) for row in Authenticator.objects.filter(user=reviewer)]
    assert len(kept) == 2
    assert not [data for data in kept if secret in data]


def test_it_is_resealed_with_the_rest(reviewer: User, capsys: pytest.CaptureFixture[str]) -> None:
    app = an_app(reviewer)
    call_command("reseal")
    assert "Authenticator" not in capsys.readouterr().err
    assert TOTP(Authenticator.objects.get(pk=app.pk)).validate_code(code())


def test_recovery_codes_are_shown_once_and_stand_for_the_app_once(
    signed_in: Client, client: Client, reviewer: User
) -> None:
    set_up(signed_in)
    first, again = (signed_in.get("/accounts/security/codes/").content.decode() for _ in range(2))
    codes = re.findall(r"<code>(\d{8})</code>", first)
    assert len(codes) == 10
    assert not re.findall(r"<code>\d{8}</code>", again)
    for browser, comes_in in ((Client(), True), (Client(), False)):
        half_way(browser)
        browser.post(SECOND, {"code": codes[0]})
        assert is_signed_in(browser) is comes_in


def test_with_the_password_alone_nobody_takes_a_factor_away(signed_in: Client, reviewer: User) -> None:
    an_app(reviewer)
    answer = signed_in.post(f"{APP}remove/")
    assert answer.headers["Location"].startswith("/accounts/confirm/code/")
    asked = signed_in.get("/accounts/confirm/password/")
    assert asked.headers["Location"] == "/accounts/confirm/code/"
    prove(signed_in, code=code())
    signed_in.post(f"{APP}remove/")
    assert not Authenticator.objects.filter(user=reviewer).exists()


def test_who_came_by_a_link_sets_one_up_soon_after(client: Client, reviewer: User) -> None:
    reviewer.set_unusable_password()
    reviewer.save()
    client.post(sign_in_url(reviewer).removeprefix("http://localhost:8000"))
    assert client.get(APP).status_code == 200
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 16 * 60
    session.save()
    assert client.get(APP).status_code == 403


def test_nobody_names_another_s_passkey(signed_in: Client, admin: User) -> None:
    theirs = Authenticator.objects.create(user=admin, type="webauthn", data={"name": "Key"})
    prove(signed_in)
    for what in ("name", "remove"):
        assert signed_in.get(f"/accounts/security/passkeys/{theirs.pk}/{what}/").status_code == 404


@pytest.mark.parametrize("sent", ["{}", "[]", "1", '"x"', '{"response": {}}', '{"id": "AA", "rawId": "AA"}'])
def test_nonsense_for_a_passkey_is_refused(client: Client, db: None, sent: str) -> None:
    client.get("/accounts/sign-in/passkey/", headers={"accept": "application/json"})
    answer = client.post("/accounts/sign-in/passkey/", {"credential": sent})
    assert answer.headers["Location"] == "/accounts/sign-in/"
