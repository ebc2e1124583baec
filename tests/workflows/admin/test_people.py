"""People, groups and delegations in Django admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from tests.rows import a_person
from tests.workflows.admin.pages import act, address
from workflows.models import Delegation


def sent(person: User, **fields: Any) -> dict[str, Any]:
    """What the form of a person sends."""
    groups = list(person.groups.values_list("pk", flat=True))
    return {"is_active": "on", "first_name": "", "last_name": "", "email": "", "groups": groups} | fields


def test_an_admin_puts_somebody_into_a_group(as_admin: Client) -> None:
    legal, stranger = Group.objects.create(name="legal"), a_person("stranger")
    as_admin.post(address(User, "change", stranger.pk), sent(stranger, groups=[legal.pk]))

    assert list(stranger.groups.all()) == [legal]


def test_an_admin_makes_somebody(as_admin: Client) -> None:
    password = "a long enough pass-phrase"
    fields = {"username": "stranger", "usable_password": "true", "password1": password, "password2": password}
    as_admin.post(address(User, "add"), fields)

    assert User.objects.get(username="stranger").check_password(password)


def test_an_admin_makes_nobody_a_superuser(as_admin: Client) -> None:
    stranger = a_person("stranger")
    right = Permission.objects.all()[0]
    fields = sent(stranger, is_superuser="on", user_permissions=[right.pk])
    as_admin.post(address(User, "change", stranger.pk), fields)

    stranger.refresh_from_db()
    assert not stranger.is_superuser
    assert not stranger.user_permissions.exists()


@pytest.mark.parametrize("page", ["change/", "password/"])
def test_an_admin_does_not_touch_a_superuser(as_admin: Client, page: str) -> None:
    root = a_person("root", is_superuser=True)
    target = address(User, "change", root.pk).replace("change/", page)

    assert as_admin.post(target, {"password1": "x", "password2": "x"}).status_code == 403


def test_people_are_switched_off_but_never_oneself(site: Client) -> None:
    reviewer, admin = User.objects.get(username="reviewer"), User.objects.get(username="admin")
    act(site, User, "switch_off", reviewer, admin)

    assert not User.objects.get(username="reviewer").is_active
    assert User.objects.get(username="admin").is_active


def test_people_are_switched_on_again(site: Client) -> None:
    stranger = a_person("stranger", is_active=False)
    act(site, User, "switch_on", stranger)

    stranger.refresh_from_db()
    assert stranger.is_active


def test_the_action_leaves_superusers_alone(as_admin: Client) -> None:
    act(as_admin, User, "switch_off", a_person("root", is_superuser=True))

    assert User.objects.get(username="root").is_active


def test_the_groups_of_the_portal_itself_stay(site: Client) -> None:
    reviewers = Group.objects.get(name="reviewers")
    site.post(address(Group, "delete", reviewers.pk), {"post": "yes"})
    site.post(address(Group, "change", reviewers.pk), {"name": "others"})

    assert Group.objects.filter(name="reviewers").exists()


def test_a_group_of_ones_own_comes_and_goes(site: Client) -> None:
    site.post(address(Group, "add"), {"name": "legal"})
    legal = Group.objects.get(name="legal")
    site.post(address(Group, "delete", legal.pk), {"post": "yes"})

    assert not Group.objects.filter(name="legal").exists()


def test_a_group_says_who_is_in_it(site: Client) -> None:
    page = site.get(address(Group, "change", Group.objects.get(name="reviewers").pk)).content.decode()

    assert "reviewer" in page


def test_a_delegation_is_ended_and_kept(site: Client) -> None:
    page = act(site, Delegation, "end_selected", Delegation.objects.get())

    assert "1 ended." in page
    assert Delegation.objects.get().revoked_at is not None


def test_a_delegation_that_is_over_stays_as_it_is(site: Client) -> None:
    now = timezone.now()
    Delegation.objects.update(starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2))
    act(site, Delegation, "end_selected", Delegation.objects.get())

    assert Delegation.objects.get().revoked_at is None
