"""A decision is about what is passed on, under the policy of then: where either changes, people are asked anew."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.workflows.driving import a_flow, asked_by, decide, events_of, paused, work
from workflows import Step, Workflow
from workflows.models import Requirement, Value, WorkflowRun
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db


def paid(given: Any) -> str:
    return f"paid {given.previous_step_content}"


@pytest.fixture
def amount() -> Workflow:
    """Give a workflow that pays what its first step says."""
    return a_flow(Step("amount", lambda given: 100), Step("pay", paid, requires_confirmation=True))


def raised(run: WorkflowRun) -> None:
    """Put another amount there than was approved."""
    value = run.values.get(path="amount")
    Value.objects.filter(id=value.id).update(data=json.dumps(json.loads(value.data) | {"content": 1_000_000}))


def test_the_requirement_and_its_decision_have_the_same_digest(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    decision = decide(requirement, reviewer)

    assert decision.digest == requirement.digest
    assert requirement.short_digest.replace("-", "") == requirement.digest[:12]


def test_the_log_has_the_digest_of_what_was_asked(amount: Workflow) -> None:
    requirement = paused(amount)

    assert requirement.events.get(type="StepPaused").data["digest"] == requirement.digest


def test_what_drifted_is_asked_again_at_the_next_revision(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    decide(requirement, reviewer)
    raised(requirement.run)
    run = work(amount)

    again = asked_by(run)
    assert (again.id, again.revision, again.status) == (requirement.id, 2, Requirement.Status.OPEN)
    assert again.digest != requirement.digest
    assert events_of(run)[-3:] == ["DecisionVoided", "StepPaused", "WorkflowPaused"]
    assert (run.status, run.lease_owner) == (RunStatus.paused, "")


def test_the_same_person_decides_on_what_is_there_now(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    decide(requirement, reviewer)
    raised(requirement.run)
    again = asked_by(work(amount))
    decide(again, reviewer)
    run = work(amount)

    assert run.output is not None
    assert run.output.plain()["content"] == "paid 1000000"
    assert again.decisions.count() == 2


def test_another_policy_than_the_one_of_then_voids_it(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    decide(requirement, reviewer)
    Requirement.objects.update(policy={"risk": "high"})
    again = asked_by(work(amount))

    assert (again.revision, again.policy) == (2, requirement.policy)


def test_what_people_were_shown_counts_and_not_what_was_asked(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    Requirement.objects.update(details=requirement.details | {"subject": "0" * 64})
    decide(requirement, reviewer)

    assert asked_by(work(amount)).revision == 2


def test_a_no_stands_whatever_changed(amount: Workflow, reviewer: User) -> None:
    requirement = paused(amount)
    decide(requirement, reviewer, "cancel")
    raised(requirement.run)

    assert work(amount).status == RunStatus.cancelled
