"""How long one stays signed in, and where."""

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from hitl_portal.accounts.browsers import name_of
from hitl_portal.accounts.limits import within_limits
from tests.hitl_portal.accounts.conftest import PASSWORD, is_signed_in, prove
from tests.hitl_portal.conftest import SignIn

PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
)


def sign_in(name: str = "reviewer", agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/accounts/sign-in/", {"login": name, "password": PASSWORD})
    assert is_signed_in(client)
    return client


def number_of(client: Client) -> int:
    number: int = UserSession.objects.get(session_key=client.session.session_key).pk
    return number


def go_back(client: Client, *, seen: float = 0, since: float = 0) -> None:
    """Have it happen so many seconds earlier."""
    session = client.session
    session["hitl_seen"] -= seen
    session["hitl_since"] -= since
    session.save()


def ends_in(client: Client) -> float:
    row = Session.objects.get(session_key=client.session.session_key)
    return (row.expire_date - timezone.now()).total_seconds()


def test_signing_in_takes_a_new_session(client: Client, reviewer: User) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["hitl_session"] = before or ""
    client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_who_proves_anew_who_they_are_goes_on_by_another_key(signed_in: Client) -> None:
    before = signed_in.session.session_key
    prove(signed_in)
    assert signed_in.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert "this one" in signed_in.get(PAGE).content.decode()


def test_it_ends_when_nothing_is_done_in_it(as_: SignIn, reviewer: User, settings: LazySettings) -> None:
    client = as_(reviewer)
    go_back(client, seen=settings.HITL_SESSION_IDLE_SECONDS + 1)
    assert client.get("/").status_code == 302
    assert not is_signed_in(client)


def test_what_is_done_in_it_lets_it_live_on(as_: SignIn, reviewer: User, settings: LazySettings) -> None:
    client = as_(reviewer)
    go_back(client, seen=settings.HITL_SESSION_IDLE_SECONDS - 5)
    assert client.get("/").status_code == 200
    assert client.session["hitl_seen"] > time.time() - 5
    assert ends_in(client) > settings.HITL_SESSION_IDLE_SECONDS - 5


def test_what_the_page_does_by_itself_does_not(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    go_back(client, seen=600)
    client.get("/inbox/rows/", headers={"x-by-itself": "1"})
    assert client.session["hitl_seen"] < time.time() - 599


def test_it_ends_after_its_time_whatever_is_done(as_: SignIn, reviewer: User, settings: LazySettings) -> None:
    client = as_(reviewer)
    go_back(client, since=settings.HITL_SESSION_SECONDS + 1)
    assert client.get("/").status_code == 302


def test_its_row_says_when_so_that_sockets_end_too(
    as_: SignIn, reviewer: User, settings: LazySettings
) -> None:
    client = as_(reviewer)
    go_back(client, seen=120, since=settings.HITL_SESSION_SECONDS - 60)
    client.get("/")
    assert 0 < ends_in(client) <= 60


def test_its_last_moment_lengthens_nothing(as_: SignIn, reviewer: User, settings: LazySettings) -> None:
    settings.HITL_SESSION_IDLE_SECONDS = 3600
    request = RequestFactory().get("/")
    request.user, request.session = reviewer, as_(reviewer).session
    request.session["hitl_seen"] -= 120
    request.session["hitl_since"] = time.time() - settings.HITL_SESSION_SECONDS + 0.9
    within_limits(lambda _request: HttpResponse())(request)
    assert request.session.get_expiry_age() == 1


def test_a_busy_minute_writes_once(as_: SignIn, reviewer: User) -> None:
    client = as_(reviewer)
    before = client.session["hitl_seen"]
    client.get("/")
    assert client.session["hitl_seen"] == before


def test_one_sees_where_one_is_signed_in(reviewer: User, admin: User) -> None:
    here = sign_in()
    sign_in(agent=SAFARI)
    sign_in("admin")
    page = here.get(PAGE).content.decode()
    assert page.index("Firefox, Windows") < page.index("Safari, iPhone")
    assert page.count("<li>") == 2


def test_one_ends_another_of_one_s_own(reviewer: User) -> None:
    here, there = sign_in(), sign_in(agent=SAFARI)
    here.post(f"{PAGE}{number_of(there)}/end/")
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_one_ends_all_others(reviewer: User) -> None:
    here, others = sign_in(), [sign_in(), sign_in()]
    here.post(f"{PAGE}end/")
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert here.get("/").status_code == 200


def test_nobody_ends_somebody_else_s(reviewer: User, admin: User) -> None:
    here, theirs = sign_in(), sign_in("admin")
    assert here.post(f"{PAGE}{number_of(theirs)}/end/").status_code == 404
    here.post(f"{PAGE}end/")
    assert theirs.get("/").status_code == 200


def test_an_admin_ends_one_in_django_admin(as_: SignIn, reviewer: User, admin: User) -> None:
    admin.is_staff = admin.is_superuser = True
    admin.save()
    theirs = sign_in()
    as_(admin).post(f"/admin/usersessions/usersession/{number_of(theirs)}/delete/", {"post": "yes"})
    assert theirs.get("/").status_code == 302


def test_what_is_over_is_not_listed(reviewer: User) -> None:
    here, there = sign_in(), sign_in(agent=SAFARI)
    Session.objects.filter(session_key=there.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    assert "Safari" not in here.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("agent", "name"),
    [(FIREFOX, "Firefox, Windows"), (SAFARI, "Safari, iPhone"), ("curl/8", "Unknown browser")],
)
def test_a_browser_is_named_as_people_know_it(agent: str, name: str) -> None:
    assert name_of(agent) == name
