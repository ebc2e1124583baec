"""Claiming: others see who works on something; it expires, can be given back and handed over, and decides nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_person
from tests.workflows.driving import SCRIPT, decide, events_of
from tests.workflows.reviewing.conftest import AskUnder
from workflows.errors import AlreadyDecided, ClaimedByAnother, NotEligible
from workflows.models import Requirement
from workflows.services import Actor, assign, claim, unclaim

pytestmark = pytest.mark.django_db


@pytest.fixture
def requirement(ask_under: AskUnder) -> Requirement:
    return ask_under()


def claim_over() -> None:
    """Let every claim expire."""
    Requirement.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_a_claim_says_who_and_until_when(requirement: Requirement, reviewer: User, settings: Any) -> None:
    settings.HITL_CLAIM_SECONDS = 600
    before = timezone.now()
    claimed = claim(requirement.id, actor=Actor.of(reviewer))

    requirement.refresh_from_db()
    assert requirement.holder() == claimed.assignee == reviewer
    assert requirement.claimed_until is not None
    assert requirement.claimed_until >= before + timedelta(seconds=600)
    assert (requirement.revision, events_of(requirement.run)) == (1, ["RequirementClaimed"])


def test_what_is_claimed_is_not_claimed_by_another(
    requirement: Requirement, reviewer: User, admin: User
) -> None:
    claim(requirement.id, actor=Actor.of(reviewer))

    with pytest.raises(ClaimedByAnother) as told:
        claim(requirement.id, actor=Actor.of(admin))
    assert told.value.by == "reviewer"


def test_it_expires_by_itself(requirement: Requirement, reviewer: User, admin: User) -> None:
    claim(requirement.id, actor=Actor.of(reviewer))
    claim_over()
    requirement.refresh_from_db()
    assert requirement.holder() is None

    assert claim(requirement.id, actor=Actor.of(admin)).holder() == admin


def test_once_more_prolongs_it(requirement: Requirement, reviewer: User) -> None:
    first = claim(requirement.id, actor=Actor.of(reviewer)).claimed_until
    second = claim(requirement.id, actor=Actor.of(reviewer)).claimed_until

    assert first is not None
    assert second is not None
    assert second > first


def test_it_is_given_back(requirement: Requirement, reviewer: User) -> None:
    claim(requirement.id, actor=Actor.of(reviewer))

    assert unclaim(requirement.id, actor=Actor.of(reviewer)).holder() is None
    assert events_of(requirement.run)[-1] == "RequirementUnclaimed"


def test_an_admin_takes_it_away_and_another_reviewer_does_not(
    requirement: Requirement, reviewer: User, admin: User
) -> None:
    claim(requirement.id, actor=Actor.of(reviewer))

    with pytest.raises(NotEligible):
        unclaim(requirement.id, actor=Actor.of(a_person("another", "reviewers")))
    assert unclaim(requirement.id, actor=Actor.of(admin)).holder() is None


def test_what_nobody_has_is_not_given_back(requirement: Requirement, reviewer: User) -> None:
    unclaim(requirement.id, actor=Actor.of(reviewer))

    assert events_of(requirement.run) == []


@pytest.mark.parametrize("name", ["requester", "stranger"])
def test_who_decides_nothing_claims_nothing(
    request: pytest.FixtureRequest, requirement: Requirement, name: str
) -> None:
    with pytest.raises(NotEligible):
        claim(requirement.id, actor=Actor.of(request.getfixturevalue(name)))


def test_a_machine_claims_nothing(requirement: Requirement) -> None:
    with pytest.raises(NotEligible):
        claim(requirement.id, actor=SCRIPT)


def test_what_is_decided_is_not_claimed(requirement: Requirement, reviewer: User, admin: User) -> None:
    decide(requirement, reviewer)

    with pytest.raises(AlreadyDecided):
        claim(requirement.id, actor=Actor.of(admin))


def test_others_may_decide_what_is_claimed(requirement: Requirement, reviewer: User, admin: User) -> None:
    claim(requirement.id, actor=Actor.of(reviewer))

    assert decide(requirement, admin).person == admin


def test_unless_the_policy_says_otherwise(ask_under: AskUnder, reviewer: User, admin: User) -> None:
    requirement = ask_under(exclusive=True)
    claim(requirement.id, actor=Actor.of(reviewer))

    with pytest.raises(ClaimedByAnother):
        decide(requirement, admin)
    assert decide(requirement, reviewer).person == reviewer


def test_an_exclusive_claim_that_is_over_stops_nobody(
    ask_under: AskUnder, reviewer: User, admin: User
) -> None:
    requirement = ask_under(exclusive=True)
    claim(requirement.id, actor=Actor.of(reviewer))
    claim_over()

    assert decide(requirement, admin).person == admin


def test_it_is_assigned_to_somebody_who_may_decide(
    requirement: Requirement, reviewer: User, admin: User, stranger: User
) -> None:
    with pytest.raises(NotEligible, match="stranger may not decide this"):
        assign(requirement.id, to=stranger, actor=Actor.of(admin))

    assert assign(requirement.id, to=reviewer, actor=Actor.of(admin)).holder() == reviewer
    event = requirement.run.events.get()
    assert (event.type, event.actor, event.data["to"]) == ("RequirementAssigned", "admin", "reviewer")


def test_who_has_it_hands_it_over(requirement: Requirement, reviewer: User) -> None:
    another = a_person("another", "reviewers")
    claim(requirement.id, actor=Actor.of(reviewer))

    assert assign(requirement.id, to=another, actor=Actor.of(reviewer)).holder() == another
    assert requirement.run.events.get(type="RequirementAssigned").data["of"] == "reviewer"
    with pytest.raises(ClaimedByAnother):
        assign(requirement.id, to=reviewer, actor=Actor.of(reviewer))


@pytest.mark.parametrize("name", ["requester", "stranger"])
def test_who_decides_nothing_assigns_nothing(
    request: pytest.FixtureRequest, requirement: Requirement, reviewer: User, name: str
) -> None:
    with pytest.raises(NotEligible):
        assign(requirement.id, to=reviewer, actor=Actor.of(request.getfixturevalue(name)))
