"""What admins take away in Django admin: factors, sessions, names of single sign-on; never a superuser's."""

import logging
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from tests.hitl_portal.accounts.codes import an_app
from tests.hitl_portal.conftest import SignIn

pytestmark = pytest.mark.one_database

PLACES = ("mfa/authenticator", "usersessions/usersession", "socialaccount/socialaccount")


@pytest.fixture
def by_admin(as_: SignIn, admin: User) -> Client:
    """Give the browser of an admin who is no superuser."""
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    admin.refresh_from_db()
    return as_(admin)


def rows_of(person: User) -> list[Any]:
    """One row of each place."""
    known = {"ip": "192.0.2.1", "user_agent": "x", "last_seen_at": timezone.now(), "session_key": "a" * 32}
    return [
        an_app(person),
        UserSession.objects.create(user=person, **known),
        SocialAccount.objects.create(user=person, provider="sso-1", uid="r-1"),
    ]


def deletions(browser: Client, rows: list[Any]) -> list[int]:
    """What comes of deleting each on its own page."""
    at = zip(PLACES, rows, strict=True)
    return [
        browser.post(f"/admin/{place}/{row.pk}/delete/", {"post": "yes"}).status_code for place, row in at
    ]


def are_there(rows: list[Any]) -> list[bool]:
    return [type(row).objects.filter(pk=row.pk).exists() for row in rows]


def test_an_admin_takes_away_what_is_somebody_s(by_admin: Client, reviewer: User) -> None:
    rows = rows_of(reviewer)
    assert [by_admin.get(f"/admin/{place}/").status_code for place in PLACES] == [200, 200, 200]
    assert deletions(by_admin, rows) == [302, 302, 302]
    assert are_there(rows) == [False, False, False]


def test_what_is_a_superuser_s_only_superusers_do(by_admin: Client, as_: SignIn, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_superuser=True, is_staff=True)
    rows = rows_of(reviewer)
    assert deletions(by_admin, rows) == [403, 403, 403]
    assert are_there(rows) == [True, True, True]
    reviewer.refresh_from_db()
    assert deletions(as_(reviewer), rows) == [302, 302, 302]


def test_nor_several_at_once(by_admin: Client, reviewer: User, requester: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_superuser=True)
    factors = [an_app(reviewer), an_app(requester)]
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in factors], "post": "yes"}
    assert by_admin.post("/admin/mfa/authenticator/", chosen).status_code == 403
    assert are_there(factors) == [True, True]


def test_nor_does_a_permission_of_django_s_help(as_: SignIn, stranger: User, reviewer: User) -> None:
    User.objects.filter(pk=reviewer.pk).update(is_superuser=True)
    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    named = ("delete_authenticator", "delete_usersession", "delete_socialaccount")
    stranger.user_permissions.set(Permission.objects.filter(codename__in=named))
    rows = rows_of(reviewer)
    assert deletions(as_(User.objects.get(pk=stranger.pk)), rows) == [403, 403, 403]


def test_nobody_adds_or_changes_any(as_: SignIn, by_admin: Client, reviewer: User) -> None:
    row = SocialAccount.objects.create(user=reviewer, provider="sso-1", uid="r-1")
    User.objects.update(is_superuser=True, is_staff=True)
    for place in PLACES:
        assert by_admin.get(f"/admin/{place}/add/").status_code == 403
    at = f"/admin/socialaccount/socialaccount/{row.pk}/change/"
    assert by_admin.post(at, {"user": reviewer.pk, "provider": "sso-1", "uid": "other"}).status_code == 403


def test_the_security_log_tells_of_a_factor(
    by_admin: Client, admin: User, reviewer: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hitl_portal.security")
    told = f"person {admin.pk} took away a factor (totp) of person {reviewer.pk} from 127.0.0.1"
    by_admin.post(f"/admin/mfa/authenticator/{an_app(reviewer).pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [an_app(reviewer).pk], "post": "yes"}
    by_admin.post("/admin/mfa/authenticator/", chosen)
    assert caplog.messages.count(told) == 2
    assert not Authenticator.objects.exists()
