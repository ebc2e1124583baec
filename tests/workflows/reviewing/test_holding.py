"""The hold: nothing comes of a decision before it is over; who decided can undo it; who lost the right is not heard."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.workflows.driving import (
    a_flow,
    claimed,
    decide,
    drive,
    events_of,
    lease_over,
    overdue,
    paused,
    work,
)
from tests.workflows.engine.runs import Recorder
from tests.workflows.reviewing.conftest import AskUnder
from workflows import HumanReview, OnTimeout, Step, Workflow
from workflows.errors import AlreadyDecided, HoldOver, NotEligible, StaleRevision
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.services import Actor, cancel_run, confirm_decisions, resolve, undo
from workflows.store import claim
from workflows.types import Action, Answer, RunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_hold(settings: Any) -> None:
    settings.HITL_HOLD_SECONDS = 60


@pytest.fixture
def steps() -> Recorder:
    return Recorder()


@pytest.fixture
def gate(steps: Recorder) -> Workflow:
    return a_flow(Step("act", steps.returning("done", name="act"), requires_confirmation=True))


def hold_over(requirement: Requirement) -> None:
    """Let the hold pass."""
    now = timezone.now()
    Requirement.objects.filter(id=requirement.id).update(release_at=now)
    WorkflowRun.objects.filter(id=requirement.run_id, lease_owner="").update(wake_at=now)


def test_the_run_is_due_when_the_hold_is_over(gate: Workflow, reviewer: User) -> None:
    requirement = paused(gate)
    decision = decide(requirement, reviewer)

    requirement.refresh_from_db()
    assert requirement.is_held()
    assert requirement.release_at == decision.decided_at + timedelta(seconds=60)
    assert WorkflowRun.objects.get().wake_at == requirement.release_at
    assert claim("worker", [gate.id]) is None


def test_a_worker_that_comes_too_early_does_nothing(gate: Workflow, steps: Recorder, reviewer: User) -> None:
    requirement = paused(gate)
    decide(requirement, reviewer)
    events = events_of(requirement.run)
    lease_over(requirement.run)
    run = work(gate)

    requirement.refresh_from_db()
    assert (steps.calls, run.status, run.wake_at) == ([], RunStatus.paused, requirement.release_at)
    assert (requirement.is_held(), events_of(run)) == (True, events)


def test_when_it_is_over_the_run_goes_on(gate: Workflow, steps: Recorder, reviewer: User) -> None:
    requirement = paused(gate)
    decide(requirement, reviewer)
    hold_over(requirement)

    assert work(gate).status == RunStatus.completed
    assert steps.calls == ["act"]
    assert "DecisionReleased" in events_of(requirement.run)


def test_a_decision_while_the_run_is_driven_waits_too(steps: Recorder, reviewer: User) -> None:
    flow = a_flow(
        Step("ask", steps.returning("asked", name="ask"), requires_confirmation=True),
    )
    requirement = paused(flow)
    lease_over(requirement.run)
    held = claimed(flow)
    decide(requirement, reviewer)
    run = drive(held, flow)

    requirement.refresh_from_db()
    assert (run.status, run.wake_at, steps.calls) == (RunStatus.paused, requirement.release_at, [])


def test_undone_it_is_open_at_the_next_revision(gate: Workflow, reviewer: User) -> None:
    requirement = paused(gate)
    undo(decide(requirement, reviewer).id, actor=Actor.of(reviewer))

    requirement.refresh_from_db()
    assert (requirement.is_open, requirement.revision, requirement.release_at) == (True, 2, None)
    assert (requirement.decision, Decision.objects.count()) == (None, 1)
    assert WorkflowRun.objects.get().wake_at is None
    assert events_of(requirement.run)[-1] == "DecisionUndone"


def test_it_can_be_decided_anew(gate: Workflow, steps: Recorder, reviewer: User) -> None:
    requirement = paused(gate)
    undo(decide(requirement, reviewer).id, actor=Actor.of(reviewer))
    with pytest.raises(StaleRevision):
        decide(requirement, reviewer)
    requirement.refresh_from_db()
    decide(requirement, reviewer, "reject")
    hold_over(requirement)

    assert work(gate).status == RunStatus.completed
    assert steps.calls == []


@pytest.mark.parametrize("name", ["admin", "requester", "stranger"])
def test_nobody_else_undoes_it(
    request: pytest.FixtureRequest, ask_under: AskUnder, reviewer: User, name: str
) -> None:
    decision = decide(ask_under(), reviewer)

    with pytest.raises(NotEligible):
        undo(decision.id, actor=Actor.of(request.getfixturevalue(name)))


def test_when_the_hold_is_over_nothing_is_undone(ask_under: AskUnder, reviewer: User) -> None:
    requirement = ask_under()
    decision = decide(requirement, reviewer)
    hold_over(requirement)

    with pytest.raises(HoldOver):
        undo(decision.id, actor=Actor.of(reviewer))
    assert Requirement.objects.get().status == Requirement.Status.DECIDED


def test_nothing_is_undone_twice(ask_under: AskUnder, reviewer: User) -> None:
    decision = decide(ask_under(), reviewer)
    undo(decision.id, actor=Actor.of(reviewer))

    with pytest.raises(HoldOver):
        undo(decision.id, actor=Actor.of(reviewer))
    assert Requirement.objects.get().revision == 2


def test_a_second_answer_in_the_hold_is_told_who_was_faster(
    ask_under: AskUnder, reviewer: User, admin: User
) -> None:
    requirement = ask_under()
    decide(requirement, reviewer)

    with pytest.raises(AlreadyDecided, match="reviewer"):
        decide(requirement, admin)


def test_a_deadline_in_the_hold_is_judged_when_it_is_undone(steps: Recorder, reviewer: User) -> None:
    flow = a_flow(
        Step(
            "act",
            steps.returning("done", name="act"),
            requires_confirmation=True,
            hitl_timeout=60,
            on_timeout=OnTimeout.skip,
        )
    )
    requirement = paused(flow)
    decision = decide(requirement, reviewer)
    overdue(requirement)
    assert work(flow).status == RunStatus.paused
    undo(decision.id, actor=Actor.of(reviewer))

    requirement.refresh_from_db()
    assert requirement.decision is not None
    assert (requirement.decision.actor, requirement.decision.action) == ("timer", "skip")
    assert work(flow).status == RunStatus.completed
    assert steps.calls == []


@pytest.mark.parametrize("channel", ["api", "admin"])
def test_other_doors_have_no_hold(ask_under: AskUnder, reviewer: User, channel: str) -> None:
    requirement = ask_under(hold=60)
    answer = Answer(action=Action.approve)
    resolve(requirement.id, revision=1, answer=answer, actor=Actor.of(reviewer, channel))

    assert Requirement.objects.get().release_at is None


@pytest.mark.parametrize(
    ("said", "seconds"), [({}, 60), ({"irreversible": True}, 180), ({"hold": 7, "irreversible": True}, 7)]
)
def test_what_cannot_be_undone_later_is_held_longer(
    ask_under: AskUnder, reviewer: User, said: dict[str, Any], seconds: int
) -> None:
    decision = decide(ask_under(**said), reviewer)

    assert Requirement.objects.get().release_at == decision.decided_at + timedelta(seconds=seconds)


def test_a_workflow_says_how_long(gate: Workflow, reviewer: User) -> None:
    requirement = paused(gate)
    requirement.run.workflow.policy = {"hold": 8}
    requirement.run.workflow.save()
    other = paused(gate)
    decision = decide(other, reviewer)

    other.refresh_from_db()
    assert other.release_at == decision.decided_at + timedelta(seconds=8)


def test_a_cancel_in_the_hold_wins(ask_under: AskUnder, reviewer: User, admin: User) -> None:
    requirement = ask_under()
    decision = decide(requirement, reviewer)
    cancel_run(requirement.run_id, actor=Actor.of(admin))

    with pytest.raises(HoldOver):
        undo(decision.id, actor=Actor.of(reviewer))
    assert Requirement.objects.get().status == Requirement.Status.WITHDRAWN


def test_who_lost_the_right_before_the_run_went_on_is_not_heard(
    gate: Workflow, steps: Recorder, reviewer: User
) -> None:
    requirement = paused(gate)
    decide(requirement, reviewer)
    hold_over(requirement)
    reviewer.groups.clear()
    run = work(gate)

    requirement.refresh_from_db()
    assert (run.status, steps.calls) == (RunStatus.paused, [])
    assert (requirement.is_open, requirement.revision) == (True, 2)
    event = run.events.get(type="RequirementReopened")
    assert event.data == {"reason": "not eligible any more", "who": ["reviewer"], "revision": 1}


def test_a_quorum_that_shrank_is_asked_anew(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2, hold=0)
    for person in reviewers[:2]:
        decide(requirement, person)
    User.objects.filter(id=reviewers[0].id).update(is_active=False)
    confirm_decisions(requirement.run_id)

    requirement.refresh_from_db()
    assert (requirement.is_open, requirement.revision) == (True, 2)


def test_a_quorum_that_is_still_enough_stands(ask_under: AskUnder, reviewers: list[User]) -> None:
    requirement = ask_under(quorum=2, hold=0)
    for person in reviewers[:2]:
        decide(requirement, person)
    User.objects.filter(id=reviewers[2].id).update(is_active=False)
    confirm_decisions(requirement.run_id)

    requirement.refresh_from_db()
    assert requirement.status == Requirement.Status.DECIDED


def test_the_steps_own_hold_counts(reviewer: User) -> None:
    review = HumanReview(requires_confirmation=True, hold=0)
    flow = a_flow(Step("act", lambda _: "done", human_review=review))
    decide(paused(flow), reviewer)

    assert work(flow).status == RunStatus.completed
