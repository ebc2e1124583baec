"""One-time sign-in links: one button, one use, one day."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from hitl_portal.accounts.links import LinkTokens, sign_in_url, use

pytestmark = pytest.mark.one_database

BASE = "http://localhost:8000"


def path_of(user: User) -> str:
    return sign_in_url(user).removeprefix(BASE)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_its_page_signs_nobody_in(client: Client, reviewer: User) -> None:
    path = path_of(reviewer)
    for agent in ("Mozilla/5.0", "Slackbot-LinkExpanding 1.0"):
        assert client.get(path, headers={"user-agent": agent}).status_code == 200
        assert client.head(path, headers={"user-agent": agent}).status_code == 200
    assert not is_signed_in(client)
    reviewer.refresh_from_db()
    assert reviewer.last_login is None


def test_its_button_signs_in(client: Client, reviewer: User) -> None:
    response = client.post(path_of(reviewer))
    assert response.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(reviewer.pk)


def test_it_works_once(client: Client, reviewer: User) -> None:
    path = path_of(reviewer)
    client.post(path)
    again = Client().post(path)
    assert again.status_code == 410
    assert "This link is used up" in again.content.decode()


def test_of_two_at_the_same_moment_one_gets_in(reviewer: User) -> None:
    first, second = User.objects.get(pk=reviewer.pk), User.objects.get(pk=reviewer.pk)
    assert (use(first), use(second)) == (True, False)


def test_older_links_end_with_it(client: Client, reviewer: User) -> None:
    older, newer = path_of(reviewer), path_of(reviewer)
    client.post(newer)
    assert Client().get(older).status_code == 410


def test_the_session_is_a_new_one(client: Client, reviewer: User) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["hitl_session"] = before or ""
    client.post(path_of(reviewer))
    assert client.session.session_key != before


def test_it_ends_after_a_day(client: Client, reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(reviewer)
    later = timezone.make_naive(timezone.now()) + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(LinkTokens, "_now", lambda self: later)
    assert client.post(path).status_code == 410
    assert not is_signed_in(client)


def test_it_ends_with_a_new_password_or_a_closed_account(client: Client, reviewer: User) -> None:
    path = path_of(reviewer)
    reviewer.set_password("another password")
    reviewer.save()
    assert client.get(path).status_code == 410
    path = path_of(reviewer)
    reviewer.is_active = False
    reviewer.save()
    assert client.get(path).status_code == 410


def test_it_is_one_person_s(client: Client, reviewer: User, admin: User) -> None:
    mine, theirs = path_of(reviewer).split("/"), path_of(admin).split("/")
    mine[3] = theirs[3]
    assert client.post("/".join(mine)).status_code == 410


@pytest.mark.parametrize("path", ["x/y", "____/1-2", "MQ/c1-", "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw/1-2"])
def test_nonsense_is_a_used_up_link(client: Client, db: None, path: str) -> None:
    assert client.get(f"/accounts/link/{path}/").status_code == 410


def test_the_command_prints_it(client: Client, reviewer: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("signin_link", "reviewer")
    printed = capsys.readouterr().out.strip()
    assert client.post(printed.removeprefix(BASE)).status_code == 302


def test_the_command_knows_active_people_only(reviewer: User) -> None:
    User.objects.update(is_active=False)
    for name in ("reviewer", "nobody"):
        with pytest.raises(CommandError, match="no active person"):
            call_command("signin_link", name)
