"""A quorum: who says the same is counted, one no is a no, and whoever may no longer decide is not counted."""

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person
from tests.workflows.driving import decide, events_of, statements
from tests.workflows.reviewing.conftest import AskUnder
from workflows import policy
from workflows.errors import AlreadyDecided, AlreadyVoted, InvalidAnswer, NotEligible
from workflows.models import Decision, Requirement
from workflows.tally import Tally, filled

pytestmark = pytest.mark.django_db

# A vote costs this many statements at most, however many were cast before.
VOTE = 11


def test_the_first_of_two_leaves_it_open(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    vote = decide(requirement, reviewers[0])

    requirement.refresh_from_db()
    assert (vote.closes, requirement.is_open, requirement.decision) == (False, True, None)
    assert requirement.run.wake_at is None
    event = requirement.run.events.get()
    assert event.type == "VoteCast"
    assert (event.data["agreed"], event.data["needed"]) == (1, 2)


def test_the_second_of_two_decides(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    decide(requirement, reviewers[0])
    vote = decide(requirement, reviewers[1])

    requirement.refresh_from_db()
    assert requirement.status == Requirement.Status.DECIDED
    assert (vote.closes, requirement.decision) == (True, vote)
    assert events_of(requirement.run) == ["VoteCast", "RequirementDecided"]


def test_nobody_votes_twice(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    decide(requirement, reviewers[0])

    with pytest.raises(AlreadyVoted):
        decide(requirement, reviewers[0])
    assert Decision.objects.count() == 1


def test_one_no_is_a_no(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=3)
    decide(requirement, reviewers[0])
    decide(requirement, reviewers[1], "reject", feedback="Too much.")

    requirement.refresh_from_db()
    assert requirement.decision is not None
    assert requirement.decision.action == "reject"


def test_several_must_say_no_where_the_policy_says_so(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2, rejections=2)
    assert not decide(requirement, reviewers[0], "reject").closes
    assert not decide(requirement, reviewers[1]).closes
    assert decide(requirement, reviewers[2], "reject").closes


def test_who_agrees_says_the_same(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under({"kind": "output_review"}, quorum=2)
    decide(requirement, reviewers[0], "edit", content="Better.")

    with pytest.raises(InvalidAnswer, match="reviewer 1 has answered something else"):
        decide(requirement, reviewers[1])
    assert decide(requirement, reviewers[1], "edit", content="Better.", feedback="Yes.").closes


def test_who_comes_after_the_last_is_told_so(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    decide(requirement, reviewers[0])
    decide(requirement, reviewers[1])

    with pytest.raises(AlreadyDecided, match="approve by reviewer 2"):
        decide(requirement, reviewers[2])


def test_the_vote_of_who_left_is_not_counted(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    decide(requirement, reviewers[0])
    reviewers[0].groups.clear()

    assert not decide(requirement, reviewers[1]).closes
    assert events_of(requirement.run) == ["VoteCast", "VoteVoided", "VoteCast"]
    assert decide(requirement, reviewers[2]).closes
    assert events_of(requirement.run)[-2:] == ["VoteCast", "RequirementDecided"]


def test_it_counts_again_when_they_come_back(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2)
    decide(requirement, reviewers[0])
    groups = list(reviewers[0].groups.all())
    reviewers[0].groups.clear()
    assert Tally.of(requirement).agreed == 0
    reviewers[0].groups.set(groups)

    assert Tally.of(requirement).agreed == 1


def test_one_of_each_group(ask_under: AskUnder) -> None:
    legal, finance, both = (
        a_person("legal", "legal"),
        a_person("finance", "finance"),
        a_person("both", "legal", "finance"),
    )
    requirement = ask_under(deciders=["legal", "finance"], quorum="each group")

    assert not decide(requirement, both).closes
    assert len(Tally.of(requirement).missing) == 1
    assert decide(requirement, legal).closes
    assert finance.decisions.count() == 0


def test_two_of_one_group_are_not_one_of_each(ask_under: AskUnder) -> None:
    requirement = ask_under(deciders=["legal", "finance"], quorum="each group")
    for name in ("one", "two"):
        assert not decide(requirement, a_person(name, "legal")).closes

    assert Tally.of(requirement).missing == ["finance"]


def test_each_of_the_users_that_are_named(ask_under: AskUnder, requester: User, stranger: User) -> None:
    requirement = ask_under(deciders={"users": ["requester", "stranger"]}, quorum="each group")

    assert not decide(requirement, requester).closes
    assert decide(requirement, stranger).closes


def test_a_seat_is_found_where_others_can_move() -> None:
    places = filled(["a", "b", "c"], [{"a", "b"}, {"a"}, {"b", "c"}])

    assert places == {"a": 1, "b": 0, "c": 2}


@pytest.mark.parametrize("name", ["requester", "stranger"])
def test_who_decides_nothing_does_not_vote(
    request: pytest.FixtureRequest, ask_under: AskUnder, name: str
) -> None:
    with pytest.raises(NotEligible):
        decide(ask_under(quorum=2), request.getfixturevalue(name))


@pytest.mark.parametrize("before", [1, 5])
def test_a_vote_costs_the_same_however_many_were_cast(ask_under: AskUnder, before: int, admin: User) -> None:
    requirement = ask_under(quorum=9)
    for number in range(before):
        decide(requirement, a_person(f"voter {number}", policy.REVIEWERS))

    assert len(statements(lambda: decide(requirement, admin))) <= VOTE
