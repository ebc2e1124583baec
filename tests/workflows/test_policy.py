"""Reviewers decide, admins decide and cancel, requesters cancel what they asked for; who is inactive does nothing.
Where a policy names people, they alone decide."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_requirement, a_run
from workflows import policy
from workflows.models import Requirement, WorkflowRun
from workflows.types import ReviewPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    return a_run(requester)


@pytest.fixture
def requirement(run: WorkflowRun) -> Requirement:
    return a_requirement(run)


@pytest.mark.parametrize(
    ("name", "decides", "cancels"),
    [
        ("requester", False, True),
        ("reviewer", True, False),
        ("admin", True, True),
        ("stranger", False, False),
    ],
)
def test_everybody_may_what_their_part_is(
    request: pytest.FixtureRequest, requirement: Requirement, name: str, decides: bool, cancels: bool
) -> None:
    person: User = request.getfixturevalue(name)

    assert policy.may_decide(person, requirement) is decides
    assert policy.may_cancel(person, requirement.run) is cancels


@pytest.mark.parametrize("name", ["requester", "reviewer", "admin"])
def test_who_is_inactive_may_nothing(
    request: pytest.FixtureRequest, requirement: Requirement, name: str
) -> None:
    person: User = request.getfixturevalue(name)
    person.is_active = False

    assert not policy.may_decide(person, requirement)
    assert not policy.may_cancel(person, requirement.run)


def test_a_superuser_is_an_admin_without_a_group(requirement: Requirement) -> None:
    superuser = a_person("root", is_superuser=True)

    assert policy.is_admin(superuser)
    assert policy.may_decide(superuser, requirement)
    assert policy.may_cancel(superuser, requirement.run)


def test_nobody_may_nothing(requirement: Requirement) -> None:
    assert not policy.may_decide(None, requirement)
    assert not policy.may_cancel(None, requirement.run)


def test_nobody_may_cancel_a_run_that_nobody_asked_for() -> None:
    assert not policy.may_cancel(None, a_run())


def test_an_admin_counts_as_a_reviewer_and_a_reviewer_not_as_an_admin(admin: User, reviewer: User) -> None:
    assert policy.is_reviewer(admin)
    assert not policy.is_admin(reviewer)


def under(requirement: Requirement, **said: Any) -> Requirement:
    """The requirement under a policy."""
    requirement.policy = ReviewPolicy.from_dict(said).to_dict()
    return requirement


@pytest.mark.parametrize("deciders", ["legal", {"users": ["lawyer"]}, ["finance", "legal"]])
def test_whom_a_policy_names_decides_and_nobody_else(
    requirement: Requirement, reviewer: User, admin: User, deciders: Any
) -> None:
    lawyer = a_person("lawyer", "legal")
    under(requirement, deciders=deciders)

    assert policy.may_decide(lawyer, requirement)
    assert not policy.may_decide(reviewer, requirement)
    assert not policy.may_decide(admin, requirement)
    lawyer.is_active = False
    assert not policy.may_decide(lawyer, requirement)


def test_under_four_eyes_who_asked_does_not_decide(requirement: Requirement, reviewer: User) -> None:
    assert policy.may_decide(reviewer, under(requirement, four_eyes=True))
    requirement.run.requested_by = reviewer

    assert not policy.may_decide(reviewer, requirement)


def test_not_even_as_an_admin_or_by_name(requirement: Requirement, admin: User) -> None:
    requirement.run.requested_by = admin

    assert not policy.may_decide(admin, under(requirement, four_eyes=True))
    assert not policy.may_decide(admin, under(requirement, deciders={"users": ["admin"]}, four_eyes=True))


def test_a_tool_that_needs_approval_is_an_admins(
    requirement: Requirement, reviewer: User, admin: User
) -> None:
    requirement.details = {"tool": {"approval": "required"}}

    assert policy.may_decide(admin, requirement)
    assert not policy.may_decide(reviewer, requirement)
    assert not policy.script_may_decide(requirement)


@pytest.mark.parametrize("tool", [None, {}, {"approval": None}, {"approval": "audit"}])
def test_other_tools_are_not(requirement: Requirement, reviewer: User, tool: Any) -> None:
    requirement.details = {"tool": tool}

    assert policy.may_decide(reviewer, requirement)
    assert policy.script_may_decide(requirement)


@pytest.mark.parametrize(
    "said", [{"deciders": "legal"}, {"quorum": 2}, {"four_eyes": True}, {"risk": "high"}]
)
def test_a_script_does_not_answer_for_certain_people(requirement: Requirement, said: dict[str, Any]) -> None:
    assert policy.script_may_decide(requirement)
    assert not policy.script_may_decide(under(requirement, **said))


def test_deciding_by_group_costs_one_query_more_than_nothing(
    requirement: Requirement, stranger: User, django_assert_num_queries: Any
) -> None:
    under(requirement, deciders="legal")
    with django_assert_num_queries(2):
        assert not policy.may_decide(stranger, requirement)
    with django_assert_num_queries(1):  # of their groups; a page has fetched them
        assert not policy.may_decide(stranger, requirement)
