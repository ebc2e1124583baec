"""Ways in that there must not be."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.accounts.codes import an_app
from tests.hitl_portal.accounts.conftest import PASSWORD, is_signed_in
from tests.hitl_portal.conftest import SignIn

pytestmark = pytest.mark.one_database


def make_staff(person: User) -> None:
    person.is_staff = person.is_superuser = True
    person.save()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_signs_up(client: Client, db: None, method: str) -> None:
    sent = {"username": "new", "password1": PASSWORD, "password2": PASSWORD, "email": "new@example.com"}
    answer = client.generic(method, "/accounts/sign-up/", sent if method == "GET" else "")
    assert answer.status_code == 403
    assert client.post("/accounts/sign-up/", sent).status_code == 403
    assert not User.objects.filter(username="new").exists()


def test_django_admin_s_own_door_signs_nobody_in(client: Client, admin: User) -> None:
    make_staff(admin)
    sent = {"username": "admin", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", sent).headers["Location"] == "/accounts/sign-in/?next=%2Fadmin%2F"
    assert not is_signed_in(client)


def test_somebody_of_the_staff_does_not_get_into_another_account_there(
    as_: SignIn, reviewer: User, admin: User
) -> None:
    make_staff(reviewer)
    make_staff(admin)
    an_app(admin)
    client = as_(reviewer)
    client.post("/admin/login/", {"username": "admin", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(reviewer.pk)


def test_the_way_to_django_admin_asks_for_the_second_factor(client: Client, admin: User) -> None:
    make_staff(admin)
    an_app(admin)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/sign-in/?next=%2Fadmin%2F"
    answer = client.post("/accounts/sign-in/?next=/admin/", {"login": "admin", "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/sign-in/second/"
    assert client.get("/admin/").status_code == 302


def test_who_is_no_staff_is_told_so(as_: SignIn, reviewer: User) -> None:
    assert as_(reviewer).get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("target", ["https://attacker.example/", "//attacker.example"])
def test_the_door_leads_nowhere_else(as_: SignIn, admin: User, target: str) -> None:
    make_staff(admin)
    assert as_(admin).get("/admin/login/", {"next": target}).headers["Location"] == "/admin/"


def test_a_closed_account_does_not_open(client: Client, reviewer: User) -> None:
    User.objects.update(is_active=False)
    answer = client.post("/accounts/sign-in/", {"login": "reviewer", "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)
