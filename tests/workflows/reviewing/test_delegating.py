"""Delegation: a deputy decides for who is away, under both names, for one step, and never around four eyes."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_person
from tests.workflows.driving import decide
from tests.workflows.reviewing.conftest import AskUnder
from workflows import policy
from workflows.errors import AlreadyVoted, InvalidDates, NotEligible
from workflows.models import Delegation, Requirement
from workflows.services import Actor, confirm_decisions, delegate, revoke_delegation

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def away(person: User, deputy: User | None, begins: timedelta = -WEEK, ends: timedelta = WEEK) -> Delegation:
    now = timezone.now()
    return delegate(person, deputy=deputy, starts_at=now + begins, ends_at=now + ends, actor=Actor.of(person))


def anew(person: User) -> User:
    """The person as the next request finds them."""
    return User.objects.get(pk=person.pk)


def test_a_deputy_decides_under_both_names(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    requirement = ask_under()
    decision = decide(requirement, stranger)

    assert (decision.person, decision.on_behalf_of) == (stranger, reviewer)
    assert requirement.run.events.get().data["on_behalf_of"] == "reviewer"


def test_who_may_decide_themselves_is_nobodys_deputy(
    ask_under: AskUnder, reviewer: User, admin: User
) -> None:
    away(reviewer, admin)

    assert decide(ask_under(), admin).on_behalf_of is None


def test_who_is_away_may_still_decide(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)

    assert decide(ask_under(), reviewer).on_behalf_of is None


@pytest.mark.parametrize(("begins", "ends"), [(WEEK, 2 * WEEK), (-WEEK, timedelta(seconds=30))])
def test_only_while_they_are_away(
    ask_under: AskUnder, reviewer: User, stranger: User, begins: timedelta, ends: timedelta
) -> None:
    away(reviewer, stranger, begins, ends)
    if ends < WEEK:
        Delegation.objects.update(ends_at=timezone.now())

    assert not policy.may_decide(stranger, ask_under())


def test_who_left_leaves_no_deputy(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)

    assert not policy.may_decide(stranger, ask_under())


def test_it_goes_one_step(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    another = a_person("another")
    away(reviewer, stranger)
    away(stranger, another)

    assert policy.may_decide(stranger, ask_under())
    assert not policy.may_decide(another, Requirement.objects.get())


def test_a_requester_decides_for_nobody_under_four_eyes(
    ask_under: AskUnder, reviewer: User, requester: User
) -> None:
    away(reviewer, requester)

    assert not policy.may_decide(requester, ask_under(four_eyes=True))


def test_nobody_decides_for_a_requester_under_four_eyes(
    ask_under: AskUnder, requester: User, stranger: User
) -> None:
    away(requester, stranger)
    requirement = ask_under(deciders={"users": ["requester"]}, four_eyes=True)

    assert not policy.may_decide(stranger, requirement)


def test_a_person_and_their_deputy_are_one_voice(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    requirement = ask_under(quorum=2)
    decide(requirement, reviewer)

    with pytest.raises(AlreadyVoted):
        decide(requirement, stranger)


def test_likewise_the_other_way_round(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    requirement = ask_under(quorum=2)
    decide(requirement, stranger)

    with pytest.raises(AlreadyVoted):
        decide(requirement, reviewer)


def test_a_deputy_sees_what_they_decide(ask_under: AskUnder, stranger: User) -> None:
    lawyer = a_person("lawyer", "legal")
    requirement = ask_under(deciders="legal")
    assert not Requirement.objects.visible(stranger).exists()
    away(lawyer, stranger)

    assert list(Requirement.objects.visible(stranger)) == [requirement]


def test_what_was_said_in_time_counts_after_it(ask_under: AskUnder, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    requirement = ask_under()
    decide(requirement, stranger)
    Delegation.objects.update(ends_at=timezone.now())
    confirm_decisions(requirement.run_id)

    assert Requirement.objects.get().status == Requirement.Status.DECIDED


def test_what_was_said_under_a_revoked_one_does_not(
    ask_under: AskUnder, reviewer: User, stranger: User
) -> None:
    delegation = away(reviewer, stranger)
    requirement = ask_under()
    decide(requirement, stranger)
    revoke_delegation(delegation.id, actor=Actor.of(reviewer))
    confirm_decisions(requirement.run_id)

    assert Requirement.objects.get().is_open


def test_an_admin_says_so_for_others(reviewer: User, stranger: User, admin: User) -> None:
    now = timezone.now()
    delegation = delegate(
        reviewer, deputy=stranger, starts_at=now, ends_at=now + WEEK, actor=Actor.of(admin), note="ill"
    )

    assert (delegation.created_by, delegation.note) == ("admin", "ill")


def test_nobody_else_does(reviewer: User, stranger: User) -> None:
    now = timezone.now()
    with pytest.raises(NotEligible):
        delegate(reviewer, deputy=stranger, starts_at=now, ends_at=now + WEEK, actor=Actor.of(stranger))
    with pytest.raises(NotEligible):
        revoke_delegation(away(reviewer, stranger).id, actor=Actor.of(stranger))


def test_one_may_be_away_without_a_deputy(reviewer: User) -> None:
    assert away(reviewer, None).deputy is None


def test_nobody_is_their_own_deputy(reviewer: User) -> None:
    with pytest.raises(NotEligible):
        away(reviewer, reviewer)


@pytest.mark.parametrize(("begins", "ends"), [(WEEK, -WEEK), (-2 * WEEK, -WEEK)])
def test_dates_that_do_not_fit_are_refused(
    reviewer: User, stranger: User, begins: timedelta, ends: timedelta
) -> None:
    with pytest.raises(InvalidDates):
        away(reviewer, stranger, begins, ends)


def test_an_admins_approval_is_not_delegated(ask_under: AskUnder, admin: User, stranger: User) -> None:
    away(admin, stranger)
    tool = {"approval": "required"}

    assert not policy.may_decide(stranger, ask_under({"kind": "tool_confirmation", "tool": tool}))
