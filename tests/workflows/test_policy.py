"""Reviewers decide, admins decide and cancel, requesters cancel what they asked for; who is inactive does nothing."""

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_requirement, a_run
from workflows import policy
from workflows.models import Requirement, WorkflowRun

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
