"""Absences: everybody's own, and for admins everybody's."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.hitl_portal.conftest import Ask, SignIn, person
from workflows import policy
from workflows.models import Delegation

OWN = "/people/absences/"


def typed(first: int = 0, last: int = 3, deputy: User | None = None, note: str = "") -> dict[str, Any]:
    """What the form sends, in days from today."""
    today = timezone.localdate()
    return {
        "first_day": str(today + timedelta(days=first)),
        "last_day": str(today + timedelta(days=last)),
        "deputy": deputy.pk if deputy else "",
        "note": note,
    }


def absent(
    who: User, deputy: User | None = None, *, starts: int = -1, ends: int = 3, **fields: Any
) -> Delegation:
    now = timezone.now()
    return Delegation.objects.create(
        person=who,
        deputy=deputy,
        starts_at=now + timedelta(days=starts),
        ends_at=now + timedelta(days=ends),
        **{"created_by": who.username} | fields,
    )


def text(client: Client, path: str = OWN) -> str:
    return client.get(path).content.decode()


def test_a_reviewer_says_when_they_are_away_and_who_decides(
    as_: SignIn, reviewer: User, admin: User, ask: Ask
) -> None:
    answer = as_(reviewer).post(OWN, typed(deputy=admin, note="On leave."))
    made = Delegation.objects.get()

    assert answer.headers["Location"] == OWN
    assert (made.person, made.deputy, made.note, made.created_by) == (
        reviewer,
        admin,
        "On leave.",
        "reviewer",
    )
    assert timezone.localtime(made.ends_at).date() == timezone.localdate() + timedelta(days=4)


def test_the_deputy_decides_from_then_on(as_: SignIn, reviewer: User, ask: Ask) -> None:
    requirement, deputy = ask(), person("deputy", "others")
    assert not policy.may_decide(deputy, requirement)
    as_(reviewer).post(OWN, typed(deputy=deputy))

    assert policy.may_decide(User.objects.get(pk=deputy.pk), requirement)


def test_nobody_was_away_before_they_said_so(as_: SignIn, reviewer: User) -> None:
    before = timezone.now()
    as_(reviewer).post(OWN, typed())

    assert Delegation.objects.get().starts_at >= before


def test_nobody_need_decide_meanwhile(as_: SignIn, reviewer: User) -> None:
    as_(reviewer).post(OWN, typed())

    assert Delegation.objects.get().deputy is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (typed(first=3, last=1), "last_day"),
        (typed(first=-5, last=-2), "last_day"),
        (typed() | {"first_day": "soon"}, "first_day"),
        (typed() | {"last_day": ""}, "last_day"),
        (typed() | {"deputy": "12345"}, "deputy"),
        (typed() | {"note": "x" * 201}, "note"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_with_what_was_typed(
    as_: SignIn, reviewer: User, wrong: dict[str, Any], field: str
) -> None:
    answer = as_(reviewer).post(OWN, {"note": "Back soon."} | wrong)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Delegation.objects.exists()


def test_nobody_is_their_own_deputy(as_: SignIn, reviewer: User) -> None:
    assert as_(reviewer).post(OWN, typed(deputy=reviewer)).status_code == 422


def test_who_has_left_is_no_deputy(as_: SignIn, reviewer: User, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_active=False)

    assert as_(reviewer).post(OWN, typed(deputy=admin)).status_code == 422


def test_a_stranger_learns_no_names(as_: SignIn, stranger: User, reviewer: User) -> None:
    absent(reviewer)

    assert "reviewer" not in text(as_(stranger))


def test_the_page_says_that_one_is_away(as_: SignIn, reviewer: User, admin: User) -> None:
    absent(reviewer, admin)

    assert "admin decides meanwhile." in text(as_(reviewer))
    assert "You are away until" in text(as_(reviewer))


def test_the_page_says_whom_one_stands_in_for(as_: SignIn, reviewer: User, admin: User) -> None:
    absent(admin, reviewer, starts=2, note="At a conference")
    page = text(as_(reviewer))

    assert "You stand in for" in page
    assert "At a conference" in page


def test_what_is_over_is_still_shown(as_: SignIn, reviewer: User) -> None:
    absent(reviewer, starts=-9, ends=-5, note="Long ago")
    absent(reviewer, revoked_at=timezone.now(), note="Called off")
    page = text(as_(reviewer))

    assert "Long ago" in page
    assert "Called off" in page
    assert "/end/" not in page


def test_one_ends_ones_own_absence(as_: SignIn, reviewer: User, admin: User) -> None:
    absence = absent(reviewer, admin)
    answer = as_(reviewer).post(f"{OWN}{absence.pk}/end/")

    absence.refresh_from_db()
    assert answer.headers["Location"] == OWN
    assert absence.revoked_at is not None


@pytest.mark.parametrize("name", ["requester", "stranger", "deputy"])
def test_nobody_else_ends_it(as_: SignIn, reviewer: User, requester: User, stranger: User, name: str) -> None:
    absence = absent(reviewer, person("deputy", "reviewers"))
    answer = as_(User.objects.get(username=name)).post(f"{OWN}{absence.pk}/end/")

    absence.refresh_from_db()
    assert (answer.status_code, absence.revoked_at) == (404, None)


def test_an_absence_that_is_over_is_not_ended_again(as_: SignIn, reviewer: User) -> None:
    absence = absent(reviewer, starts=-9, ends=-5)
    answer = as_(reviewer).post(f"{OWN}{absence.pk}/end/")

    absence.refresh_from_db()
    assert (answer.status_code, absence.revoked_at) == (409, None)


def test_looking_ends_nothing(as_: SignIn, reviewer: User) -> None:
    absence = absent(reviewer)

    assert as_(reviewer).get(f"{OWN}{absence.pk}/end/").status_code == 405


def test_an_admin_enters_and_ends_it_for_somebody(as_: SignIn, admin: User, reviewer: User) -> None:
    client, place = as_(admin), f"{OWN}of/reviewer/"
    assert client.post(place, typed(deputy=admin)).headers["Location"] == place
    made = Delegation.objects.get()
    client.post(f"{OWN}{made.pk}/end/")

    made.refresh_from_db()
    assert (made.person, made.created_by) == (reviewer, "admin")
    assert made.revoked_at is not None


def test_an_admin_sees_who_is_away(as_: SignIn, admin: User, reviewer: User) -> None:
    absent(reviewer, note="On leave")
    page = text(as_(admin))

    assert "On leave" in page
    assert "/people/absences/of/reviewer/" in page


@pytest.mark.parametrize("name", ["requester", "reviewer", "stranger"])
def test_others_see_their_own_only(
    as_: SignIn, admin: User, requester: User, reviewer: User, stranger: User, name: str
) -> None:
    absent(admin, note="On leave")
    client = as_(User.objects.get(username=name))

    assert "On leave" not in text(client)
    assert client.get(f"{OWN}of/admin/").status_code == 404
    assert client.post(f"{OWN}of/admin/", typed()).status_code == 404


def test_ones_own_name_leads_to_ones_own_page(as_: SignIn, reviewer: User) -> None:
    assert as_(reviewer).get(f"{OWN}of/reviewer/").headers["Location"] == OWN


def test_nobody_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert "/accounts/sign-in/" in client.get(OWN).headers["Location"]


def test_notes_are_text(as_: SignIn, reviewer: User) -> None:
    absent(reviewer, note="<script>alert(1)</script>")

    assert "<script>alert" not in text(as_(reviewer))


def test_it_costs_the_same_however_many_are_away(
    as_: SignIn, admin: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        absent(person(f"reviewer {number}", "reviewers"), admin)
    client = as_(admin)

    with django_assert_max_num_queries(12):
        client.get(OWN)
