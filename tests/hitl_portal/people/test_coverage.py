"""The coverage page: for admins alone, with links to what to change, and a count in the navigation."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from hitl_portal.people import tallied
from tests.hitl_portal.conftest import Ask, SignIn
from workflows.coverage.daily import check
from workflows.models import Delegation, Requirement, Workflow

PAGE, COUNT = "/people/coverage/", "/people/coverage/count/"


@pytest.fixture
def staff(admin: User) -> User:
    """Give an admin who may open Django admin."""
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    return User.objects.get(pk=admin.pk)


@pytest.fixture
def broken(ask: Ask) -> Requirement:
    """Give something open that names nobody who is there."""
    requirement = ask()
    named: dict[str, Any] = {"deciders": {"groups": ["legal"], "users": []}}
    Requirement.objects.filter(id=requirement.id).update(policy=named)
    return requirement


def text(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def test_an_admin_sees_what_waits_for_nobody(as_: SignIn, admin: User, broken: Requirement) -> None:
    page = text(as_(admin))

    assert "Nobody is in the group &#x27;legal&#x27;." in page
    assert "Nobody may decide it." in page
    assert str(broken.id) in page


def test_what_is_wrong_at_one_place_stands_together(as_: SignIn, admin: User, broken: Requirement) -> None:
    assert text(as_(admin)).count('class="panel finding"') == 1


def test_staff_are_led_to_groups_and_policy(as_: SignIn, staff: User, workflow: Workflow) -> None:
    Workflow.objects.update(policy={"quorum": 9})
    page = text(as_(staff))

    assert "/admin/auth/group/" in page
    assert f"/admin/workflows/workflow/{workflow.pk}/change/" in page


def test_who_cannot_open_admin_is_not_led_there(as_: SignIn, admin: User, workflow: Workflow) -> None:
    Workflow.objects.update(policy={"quorum": 9})

    assert "/admin/" not in text(as_(admin))


def test_who_is_away_leads_to_the_absences(as_: SignIn, admin: User, reviewer: User, ask: Ask) -> None:
    now = timezone.now()
    Requirement.objects.filter(id=ask().id).update(timeout_at=now + timedelta(days=1))
    for one in (admin, reviewer):
        Delegation.objects.create(
            person=one, starts_at=now, ends_at=now + timedelta(days=2), created_by=one.username
        )

    assert "See who is away" in text(as_(admin))


def test_where_everything_can_be_decided_it_says_so(as_: SignIn, admin: User, ask: Ask) -> None:
    ask()

    assert "Everything can be decided." in text(as_(admin))


@pytest.mark.parametrize("name", ["requester", "reviewer", "stranger"])
@pytest.mark.parametrize("path", [PAGE, COUNT])
def test_others_are_refused(
    as_: SignIn, requester: User, reviewer: User, stranger: User, name: str, path: str
) -> None:
    answer = as_(User.objects.get(username=name)).get(path)

    assert answer.status_code == 403
    assert "legal" not in answer.content.decode()


def test_nobody_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert "/accounts/sign-in/" in client.get(PAGE).headers["Location"]


def test_the_count_is_a_link_with_a_number(as_: SignIn, admin: User, broken: Requirement) -> None:
    page = text(as_(admin), COUNT)

    assert f'href="{PAGE}"' in page
    assert ">2</span>" in page


def test_nothing_to_count_is_nothing_to_show(as_: SignIn, admin: User) -> None:
    assert text(as_(admin), COUNT).strip() == ""


def test_the_navigation_fetches_the_count_and_then_knows_it(
    as_: SignIn, admin: User, broken: Requirement
) -> None:
    client = as_(admin)
    assert f'hx-get="{COUNT}"' in text(client, "/insights/")
    text(client)

    page = text(client, "/insights/")
    assert f'hx-get="{COUNT}"' not in page
    assert ">2</span>" in page


@pytest.mark.parametrize("name", ["requester", "reviewer", "stranger"])
def test_the_navigation_of_others_has_none(
    as_: SignIn, requester: User, reviewer: User, stranger: User, name: str
) -> None:
    tallied.remember(3)

    assert "coverage" not in text(as_(User.objects.get(username=name)), "/insights/")


def test_what_is_alike_stands_together_with_its_number(as_: SignIn, admin: User, ask: Ask) -> None:
    for _number in range(30):
        ask()
    Requirement.objects.update(policy={"deciders": {"groups": ["legal"], "users": []}})
    page = text(as_(admin))

    assert page.count('class="panel finding"') == 1
    assert "30 wait now" in page
    assert "Open one of them" in page


def test_long_lists_have_pages(as_: SignIn, admin: User, ask: Ask) -> None:
    for number in range(30):
        opened = ask()
        named = {"deciders": {"groups": [f"legal {number}"], "users": []}}
        Requirement.objects.filter(id=opened.id).update(policy=named)
    client = as_(admin)

    assert "60 things cannot be decided." in text(client)
    assert text(client).count('class="panel finding"') == 25
    assert text(client, f"{PAGE}?page=2").count('class="panel finding"') == 5


def test_it_says_when_the_workers_looked(as_: SignIn, admin: User, broken: Requirement) -> None:
    assert "once a day: not yet." in text(as_(admin))
    check()

    assert "2 things were found the last time:" in text(as_(admin))


def test_it_costs_the_same_however_much_is_open(
    as_: SignIn, admin: User, ask: Ask, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        ask()
    Requirement.objects.update(policy={"quorum": 5})
    client = as_(admin)

    with django_assert_max_num_queries(14):
        client.get(PAGE)
