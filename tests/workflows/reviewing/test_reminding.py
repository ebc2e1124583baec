"""What is due is done once, in order and also late: reminders, the due date, and who is asked next."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_person
from tests.workflows.driving import a_flow, at_once, decide, events_of, paused, statements, work
from tests.workflows.reviewing.conftest import AskUnder
from workflows import HumanReview, Step, policy
from workflows.models import Requirement, WorkflowRun
from workflows.services import sweep_due
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

HOUR = 3600
RULES: dict[str, Any] = {
    "remind_after": [HOUR, 3 * HOUR],
    "due": 2 * HOUR,
    "escalate": [{"after": 4 * HOUR, "groups": ["managers"]}],
}
STEPS = ["RequirementReminded", "RequirementOverdue", "RequirementReminded", "RequirementEscalated"]


def after(requirement: Requirement, hours: float) -> datetime:
    return requirement.opened_at + timedelta(hours=hours)


@pytest.mark.parametrize(("hours", "done"), [(0.9, 0), (1, 1), (2.5, 2), (3, 3), (9, 4)])
def test_what_is_due_is_done(ask_under: AskUnder, hours: float, done: int) -> None:
    requirement = ask_under(**RULES)

    assert sweep_due(after(requirement, hours)) == done
    assert events_of(requirement.run) == STEPS[:done]


def test_nothing_is_done_twice(ask_under: AskUnder) -> None:
    requirement = ask_under(**RULES)
    for _ in range(2):
        sweep_due(after(requirement, 2))
    sweep_due(after(requirement, 9))

    assert events_of(requirement.run) == STEPS
    assert Requirement.objects.get().next_step_at is None


def test_the_columns_say_what_comes_next(ask_under: AskUnder) -> None:
    requirement = ask_under(**RULES)
    assert (requirement.due_at, requirement.next_step_at) == (after(requirement, 2), after(requirement, 1))
    sweep_due(after(requirement, 1))

    requirement.refresh_from_db()
    assert (requirement.steps_taken, requirement.next_step_at) == (1, after(requirement, 2))


def test_who_is_asked_next_may_decide_and_see(ask_under: AskUnder) -> None:
    manager = a_person("manager", "managers")
    requirement = ask_under(**RULES)
    assert not policy.may_decide(manager, requirement)
    assert not Requirement.objects.visible(manager).exists()
    sweep_due(after(requirement, 4))

    requirement.refresh_from_db()
    assert policy.may_decide(manager, requirement)
    assert list(Requirement.objects.visible(manager)) == [requirement]
    assert list(WorkflowRun.objects.visible(manager)) == [requirement.run]


def test_an_escalation_says_to_whom(ask_under: AskUnder) -> None:
    requirement = ask_under(escalate=[{"after": HOUR, "groups": ["managers"], "users": ["admin"]}])
    sweep_due(after(requirement, 1))

    data = requirement.run.events.get().data
    assert (data["groups"], data["users"], data["number"]) == (["managers"], ["admin"], 1)


def test_what_is_decided_is_left_alone(ask_under: AskUnder, reviewer: User) -> None:
    requirement = ask_under(**RULES)
    decide(requirement, reviewer)

    assert sweep_due(after(requirement, 9)) == 0


def test_without_rules_nothing_is_due(ask_under: AskUnder) -> None:
    assert sweep_due(after(ask_under(), 1000)) == 0


def test_a_sweep_of_nothing_costs_one_query(ask_under: AskUnder) -> None:
    ask_under(**RULES)

    assert len(statements(sweep_due)) == 1


def test_a_paused_run_wakes_for_a_reminder_and_rests_again() -> None:
    review = HumanReview(requires_confirmation=True, remind_after=HOUR, due=2 * HOUR)
    flow = a_flow(Step("act", lambda _: "done", human_review=review))
    requirement = paused(flow)
    assert requirement.run.wake_at == after(requirement, 1)
    earlier = timezone.now() - timedelta(hours=1.5)
    Requirement.objects.update(opened_at=earlier, next_step_at=earlier + timedelta(hours=1))
    WorkflowRun.objects.update(wake_at=timezone.now())
    run = work(flow)

    assert (run.status, run.wake_at) == (RunStatus.paused, earlier + timedelta(hours=2))
    assert events_of(run)[-2:] == ["WorkflowPaused", "RequirementReminded"]


@pytest.mark.django_db(transaction=True)
def test_of_several_sweeps_at_once_one_does_it(ask_under: AskUnder) -> None:
    requirement = ask_under(**RULES)
    sweep = partial(sweep_due, after(requirement, 9))

    assert sum(at_once(sweep, sweep, sweep)) == 4
    assert events_of(requirement.run) == STEPS
