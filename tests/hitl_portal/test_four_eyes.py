"""Four eyes: who asked for the run does not decide, through whichever door, whatever group they are in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.hitl_portal.conftest import Ask, SignIn, answering, new_run, person
from tests.hitl_portal.tools import ask_about_tool
from workflows.models import Delegation, Requirement, Workflow, WorkflowRun


@pytest.fixture
def asker(db: None) -> User:
    """Give somebody who asks for runs, and would be one of those who decide, and an admin."""
    return person("asker", "reviewers", "admins")


@pytest.fixture
def own(workflow: Workflow, asker: User) -> WorkflowRun:
    return new_run(workflow, asker)


def under(requirement: Requirement) -> Requirement:
    """The same under four eyes."""
    Requirement.objects.filter(pk=requirement.pk).update(policy={"four_eyes": True})
    return requirement


def is_open(requirement: Requirement) -> bool:
    return Requirement.objects.get(pk=requirement.pk).is_open and not requirement.decisions.exists()


def test_not_on_the_card(as_: SignIn, ask: Ask, own: WorkflowRun, asker: User) -> None:
    asked = under(ask(run=own))
    client = as_(asker)

    assert 'name="action"' not in client.get(f"/requirements/{asked.pk}/").content.decode()
    assert client.post(f"/requirements/{asked.pk}/decide/", answering(asked, "approve")).status_code == 403
    assert is_open(asked)


def test_not_with_others_at_once(as_: SignIn, ask: Ask, own: WorkflowRun, asker: User) -> None:
    asked = under(ask(run=own))
    as_(asker).post("/inbox/bulk/", {"do": "approve", "action": "approve", "item": f"{asked.pk}:1"})

    assert is_open(asked)


def test_not_through_the_api(as_: SignIn, ask: Ask, own: WorkflowRun, asker: User) -> None:
    asked = under(ask_about_tool(ask, run=own, approval="required"))
    address = f"/api/v1/approvals/{asked.pk}/resolve"
    answer = as_(asker).post(address, {"status": "approved"}, content_type="application/json")

    assert answer.status_code == 403
    assert is_open(asked)


def test_not_as_a_deputy_nor_by_one(
    as_: SignIn, ask: Ask, own: WorkflowRun, asker: User, reviewer: User, stranger: User
) -> None:
    asked, now = under(ask(run=own)), timezone.now()
    for absent, deputy in ((reviewer, asker), (asker, stranger)):
        Delegation.objects.create(
            person=absent, deputy=deputy, starts_at=now, ends_at=now + timedelta(days=1), created_by="test"
        )
    for who in (asker, stranger):
        answer = as_(who).post(f"/requirements/{asked.pk}/decide/", answering(asked, "approve"))
        assert answer.status_code in {403, 404}
    assert is_open(asked)


def test_somebody_else_does(as_: SignIn, ask: Ask, own: WorkflowRun, reviewer: User) -> None:
    asked = under(ask(run=own))
    as_(reviewer).post(f"/requirements/{asked.pk}/decide/", answering(asked, "approve"))

    assert not is_open(asked)
