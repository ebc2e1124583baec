"""Changing a password, and getting a new one by mail."""

import re
from threading import Event

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.test import Client

from hitl_portal.accounts import posting
from tests.hitl_portal.accounts.conftest import PASSWORD, is_signed_in
from tests.hitl_portal.conftest import SignIn

pytestmark = pytest.mark.one_database

ADDRESS = "reviewer@example.com"
BETTER = "quite another secret"


@pytest.fixture
def reachable(reviewer: User) -> User:
    """Give the reviewer, who has an address."""
    reviewer.email = ADDRESS
    reviewer.save()
    return reviewer


def ask_for_mail(client: Client, address: str = ADDRESS) -> str:
    answer = client.post("/accounts/password/forgotten/", {"email": address})
    posting.finish()
    return answer.headers["Location"]


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost:8000(\S+)", str(mail.body))
    assert found
    return found[1]


def change(client: Client, new: str, old: str = PASSWORD) -> int:
    sent = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/accounts/password/", sent).status_code


def test_an_e_mail_address_is_as_good_as_the_name(client: Client, reachable: User) -> None:
    client.post("/accounts/sign-in/", {"login": "Reviewer@Example.com", "password": PASSWORD})
    assert is_signed_in(client)


def test_the_mail_leads_to_a_new_password(
    client: Client, reachable: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_mail(client)
    form = client.get(link_in(mailoutbox[0]), follow=True)
    path = form.redirect_chain[-1][0]
    assert (
        client.post(path, {"password1": BETTER, "password2": BETTER}).headers["Location"]
        == "/accounts/password/new/done/"
    )
    assert not is_signed_in(client)
    reachable.refresh_from_db()
    assert reachable.check_password(BETTER)


def test_looking_at_the_link_changes_nothing_and_it_works_once(
    client: Client, reachable: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_mail(client)
    link = link_in(mailoutbox[0])
    Client().get(link, follow=True)
    path = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(path, {"password1": BETTER, "password2": BETTER})
    assert "This link is used up" in Client().get(link, follow=True).content.decode()


def test_the_link_names_the_public_address(
    client: Client, reachable: User, mailoutbox: list[EmailMessage]
) -> None:
    client.post("/accounts/password/forgotten/", {"email": ADDRESS}, headers={"host": "127.0.0.1"})
    posting.finish()
    assert "http://localhost:8000/accounts/password/new/" in mailoutbox[0].body
    assert "127.0.0.1" not in mailoutbox[0].body


def test_who_is_not_known_gets_the_same_page(
    client: Client, reachable: User, mailoutbox: list[EmailMessage]
) -> None:
    assert ask_for_mail(client) == ask_for_mail(client, "nobody@example.com")
    assert "No account with a password has it" in mailoutbox[1].body


def test_an_address_of_before_leads_nowhere(
    client: Client, reachable: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_mail(client)
    User.objects.update(email="other@example.com")
    ask_for_mail(client)
    assert "No account with a password has it" in mailoutbox[1].body
    assert "This link is used up" in client.get(link_in(mailoutbox[0]), follow=True).content.decode()


def test_mail_that_fails_tells_nobody_anything(
    client: Client, reachable: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert ask_for_mail(client) == ask_for_mail(client, "nobody@example.com")
    assert caplog.text.count("a mail about an account could not be sent") == 2


def test_nobody_waits_for_the_mail_server(
    client: Client, reachable: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_answered, sent_after = Event(), []

    def slow(*_: object, **__: object) -> None:
        sent_after.append(is_answered.wait(30))

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", slow)
    client.post("/accounts/password/forgotten/", {"email": ADDRESS})
    is_answered.set()
    posting.finish()
    assert sent_after == [True]


def test_the_way_to_a_new_password_is_shown_where_mail_is_sent(
    client: Client, db: None, settings: LazySettings
) -> None:
    for host, is_shown in (("mail.example", True), ("", False)):
        settings.EMAIL_HOST = host
        assert ("Forgot your password?" in client.get("/accounts/sign-in/").content.decode()) is is_shown


def test_only_so_many_mails_an_hour(client: Client, reachable: User) -> None:
    sent = [
        client.post("/accounts/password/forgotten/", {"email": ADDRESS}, REMOTE_ADDR=f"192.0.2.{number}")
        for number in range(6)
    ]
    assert [answer.status_code for answer in sent] == [302] * 5 + [429]
    assert "That was tried too often" in sent[-1].content.decode()


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password1234", "reviewer12345"])
def test_a_weak_password_is_not_taken(as_: SignIn, reviewer: User, weak: str) -> None:
    change(as_(reviewer), weak)
    reviewer.refresh_from_db()
    assert reviewer.check_password(PASSWORD)


def test_a_change_ends_the_other_sessions_and_not_this_one(signed_in: Client, reviewer: User) -> None:
    other = Client()
    other.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert change(signed_in, BETTER) == 302
    assert signed_in.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_a_change_needs_the_password_of_now(as_: SignIn, reviewer: User) -> None:
    change(as_(reviewer), BETTER, old="not it at all")
    reviewer.refresh_from_db()
    assert reviewer.check_password(PASSWORD)


def test_a_change_is_told_by_mail(signed_in: Client, reachable: User, mailoutbox: list[EmailMessage]) -> None:
    change(signed_in, BETTER)
    posting.finish()
    assert mailoutbox[0].to == [ADDRESS]
    assert "127.0.0.1" in mailoutbox[0].body
