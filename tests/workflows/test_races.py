"""Several people and processes at the same moment: one of them wins, and the others are told."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_run, a_workflow
from tests.trials.rounds import ROUNDS
from tests.workflows.driving import (
    SCRIPT,
    a_flow,
    an_ask,
    at_once,
    claimed,
    decide,
    drive,
    failures,
    lease_over,
    overdue,
    paused,
    started,
    work,
)
from workflows import Step, Workflow, policy
from workflows.errors import AlreadyDecided, RunFinished
from workflows.models import Decision, Requirement, Session, Value, WorkflowRun
from workflows.services import Actor, cancel_run, expire_overdue, start_run
from workflows.store import Claim, claim
from workflows.types import OnTimeout, RunStatus

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("whole_chain")]


@pytest.fixture
def reviewers(db: None) -> list[User]:
    return [a_person(f"reviewer {number}", policy.REVIEWERS) for number in (1, 2, 3)]


@pytest.fixture
def gate() -> Workflow:
    return a_flow(Step("act", lambda _: "done", requires_confirmation=True))


def deciding(requirement: Requirement, person: User, action: str = "approve") -> Callable[[], Decision]:
    return partial(decide, requirement, person, action)


def test_of_several_reviewers_one_decides_and_the_others_are_told_who(reviewers: list[User]) -> None:
    for _ in range(ROUNDS):
        requirement = an_ask(a_run())
        results = at_once(*(deciding(requirement, person) for person in reviewers))

        winner = requirement.decisions.get()
        assert results.count(winner) == 1
        for late in failures(results):
            assert isinstance(late, AlreadyDecided)
            assert (late.by, late.at, late.action) == (winner.actor, winner.decided_at, "approve")
        assert requirement.run.events.count() == 1


def test_a_reviewer_who_answers_twice_decides_once(reviewers: list[User]) -> None:
    for _ in range(ROUNDS):
        requirement = an_ask(a_run())
        results = at_once(*[deciding(requirement, reviewers[0])] * 2)

        assert [type(late) for late in failures(results)] == [AlreadyDecided]
        assert requirement.decisions.count() == 1


def test_a_decision_and_a_cancel_leave_one_story(reviewers: list[User], admin: User) -> None:
    for _ in range(ROUNDS):
        requirement = an_ask(a_run(status=RunStatus.paused))
        run_id = requirement.run_id
        answer, cancelled = at_once(
            deciding(requirement, reviewers[0]),
            partial(cancel_run, run_id, actor=Actor.of(admin)),
        )

        run = WorkflowRun.objects.get(id=run_id)
        requirement.refresh_from_db()
        assert isinstance(cancelled, WorkflowRun)
        assert (run.status, run.wake_at) == (RunStatus.cancelled, None)
        assert requirement.status == Requirement.Status.WITHDRAWN
        assert requirement.decisions.exists() is isinstance(answer, Decision)
        assert isinstance(answer, Decision | AlreadyDecided)


def test_two_cancels_end_a_run_once(admin: User) -> None:
    for _ in range(ROUNDS):
        run = a_run(status=RunStatus.paused)
        results = at_once(*[partial(cancel_run, run.id, actor=Actor.of(admin))] * 2)

        assert [type(late) for late in failures(results)] == [RunFinished]
        assert run.events.filter(type="WorkflowCancelled").count() == 1


def test_a_person_and_the_timer_decide_once(reviewers: list[User]) -> None:
    for _ in range(ROUNDS):
        requirement = an_ask(a_run(), on_timeout=OnTimeout.reject)
        overdue(requirement)
        run_id = requirement.run_id
        answer, timer = at_once(deciding(requirement, reviewers[0]), partial(expire_overdue, run_id))

        assert timer is None
        decision = requirement.decisions.get()
        if isinstance(answer, AlreadyDecided):
            assert answer.by == decision.actor == "timer"
        else:
            assert answer == decision


def test_a_run_is_claimed_by_one_worker(gate: Workflow) -> None:
    for _ in range(ROUNDS):
        run = started(gate)
        results = at_once(*(partial(claim, name, [gate.id]) for name in ("a", "b", "c")))

        (won,) = (result for result in results if result is not None)
        run.refresh_from_db()
        assert isinstance(won, Claim)
        assert (run.lease_owner, run.fence) == (won.owner, won.fence) == (won.owner, 1)


def test_several_workers_share_what_is_due(gate: Workflow) -> None:
    runs = {started(gate).id for _ in range(9)}

    def take_all() -> list[Any]:
        return [found.run_id for found in iter(lambda: claim("worker", [gate.id]), None)]

    taken = [run_id for ids in at_once(take_all, take_all, take_all) for run_id in ids]
    assert (len(taken), set(taken)) == (9, runs)


def test_an_impatient_sender_starts_one_run() -> None:
    a_workflow("refund")

    def post() -> WorkflowRun:
        return start_run("refund", {"amount": 1}, actor=SCRIPT, source="webhook:shop", external_id=message)

    for number in range(ROUNDS):
        message = f"msg_{number}"
        results = at_once(post, post, post)

        run = WorkflowRun.objects.get(external_id=message)
        assert results == [run] * 3
        assert (run.events.count(), Value.objects.filter(run=run).count()) == (1, 1)
    assert Session.objects.count() == ROUNDS


def test_a_decision_while_the_run_lets_go_is_not_lost(gate: Workflow, reviewers: list[User]) -> None:
    for _ in range(ROUNDS):
        requirement = paused(gate)
        lease_over(requirement.run)
        found = claimed(gate)
        answer, _ = at_once(deciding(requirement, reviewers[0]), partial(drive, found, gate))

        assert isinstance(answer, Decision)
        run = WorkflowRun.objects.get(id=found.run_id)
        if run.status != RunStatus.completed:  # it was let go first: then the decision made it due
            run = work(gate)
        assert (run.id, run.status) == (found.run_id, RunStatus.completed)
