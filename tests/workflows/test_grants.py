"""Who sees what: what names nobody is for every reviewer, what names somebody for them, its requester and admins."""

from copy import copy
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person
from tests.workflows.driving import a_flow, asked_by, decide, paused, started, statements, work
from workflows import HumanReview, Parallel, Step, Workflow
from workflows.errors import NotEligible
from workflows.grants import sees
from workflows.models import Priority, Requirement, WorkflowRun
from workflows.models import Workflow as Registration
from workflows.services import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lawyer(db: None) -> User:
    return a_person("lawyer", "legal")


def a_gate(**policy: Any) -> Workflow:
    """One step that asks under this policy."""
    review = HumanReview(requires_confirmation=True, **policy)
    return a_flow(Step("act", lambda _: "done", human_review=review))


def seen(person: User) -> tuple[int, int]:
    """How many runs and how many requirements this person sees; asked of one alone, it is the same."""
    visible = set(Requirement.objects.visible(person))
    assert visible == {one for one in Requirement.objects.all() if _sees(copy(person), one)}
    return WorkflowRun.objects.visible(person).count(), Requirement.objects.visible(person).count()


def _sees(person: User, requirement: Requirement) -> bool:
    return sees(person, requirement.run, requirement, requirement.run.grants.all())


def asked(flow: Workflow, requester: User) -> Requirement:
    return paused(flow, actor=Actor.of(requester))


def test_what_names_nobody_is_for_reviewers(
    requester: User, reviewer: User, admin: User, stranger: User
) -> None:
    asked(a_gate(), requester)

    assert seen(requester) == seen(reviewer) == seen(admin) == (1, 1)
    assert seen(stranger) == (0, 0)


def test_what_names_somebody_is_for_them(requester: User, reviewer: User, admin: User, lawyer: User) -> None:
    asked(a_gate(deciders="legal"), requester)

    assert seen(requester) == seen(lawyer) == seen(admin) == (1, 1)
    assert seen(reviewer) == (0, 0)


def test_who_may_look_sees_it_and_does_not_decide(requester: User, reviewer: User, lawyer: User) -> None:
    requirement = asked(a_gate(viewers={"users": ["lawyer"]}), requester)

    assert seen(lawyer) == seen(reviewer) == (1, 1)
    with pytest.raises(NotEligible):
        decide(requirement, lawyer)


def test_an_inactive_person_sees_nothing_by_group(requester: User, lawyer: User) -> None:
    asked(a_gate(deciders="legal"), requester)
    lawyer.is_active = False

    assert seen(lawyer) == (0, 0)


def test_a_workflows_policy_is_frozen_when_something_is_asked(requester: User, lawyer: User) -> None:
    flow = a_gate(priority="high")
    Registration.objects.update(policy={"deciders": {"groups": ["legal"]}, "quorum": 2})
    requirement = asked(flow, requester)
    Registration.objects.update(policy={})

    requirement.refresh_from_db()
    assert (requirement.policy["quorum"], requirement.priority) == (2, Priority.HIGH)
    assert requirement.is_restricted


def test_a_run_of_a_workflow_with_deciders_is_theirs_from_the_start(
    requester: User, reviewer: User, lawyer: User
) -> None:
    flow = a_gate()
    Registration.objects.update(policy={"deciders": {"groups": ["legal"]}, "viewers": {"groups": ["audit"]}})
    started(flow, actor=Actor.of(requester))

    auditor = a_person("auditor", "audit")
    assert seen(lawyer) == seen(auditor) == seen(requester) == (1, 0)
    assert seen(reviewer) == (0, 0)
    work(flow)
    assert seen(auditor) == (1, 1)


def test_beside_what_is_restricted_reviewers_see_their_own(
    requester: User, reviewer: User, lawyer: User
) -> None:
    legal = HumanReview(requires_confirmation=True, deciders="legal")
    flow = a_flow(
        Parallel(
            "both",
            Step("law", lambda _: "done", human_review=legal),
            Step("rest", lambda _: "done", requires_confirmation=True),
        )
    )
    started(flow, actor=Actor.of(requester))
    work(flow)

    assert [requirement.step_name for requirement in Requirement.objects.visible(reviewer)] == ["rest"]
    assert [requirement.step_name for requirement in Requirement.objects.visible(lawyer)] == ["law"]


def test_whom_a_function_names_decides(requester: User, reviewer: User, lawyer: User) -> None:
    flow = a_gate(deciders=lambda given: "legal" if given.input["amount"] > 100 else "reviewers")
    small = paused(flow, {"amount": 5}, actor=Actor.of(requester))
    large = paused(flow, {"amount": 500}, actor=Actor.of(requester))

    assert list(Requirement.objects.visible(reviewer)) == [small]
    assert list(Requirement.objects.visible(lawyer)) == [large]
    decide(large, lawyer)
    assert work(flow).status == "COMPLETED"


def test_where_a_function_fails_admins_decide(requester: User, reviewer: User, admin: User) -> None:
    flow = a_gate(deciders=lambda given: given.input["missing"])
    run = started(flow, {}, actor=Actor.of(requester))
    work(flow)

    assert Requirement.objects.visible(reviewer).count() == 0
    decide(asked_by(run), admin)
    assert work(flow).status == "COMPLETED"


@pytest.mark.parametrize("number", [1, 10])
def test_looking_costs_the_same_however_much_there_is(requester: User, lawyer: User, number: int) -> None:
    flow = a_gate(deciders="legal")
    for _ in range(number):
        asked(flow, requester)

    assert len(statements(lambda: list(Requirement.objects.visible(lawyer)))) == 2
    assert len(statements(lambda: list(WorkflowRun.objects.visible(lawyer)))) == 2
