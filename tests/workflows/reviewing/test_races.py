"""Votes, undoing, releasing and claiming at the same moment: each leaves one story."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_person, a_run
from tests.trials.rounds import ROUNDS
from tests.workflows.driving import a_flow, at_once, claimed, decide, drive, failures, paused
from tests.workflows.reviewing.conftest import AskUnder
from workflows import Step, Workflow, policy
from workflows.errors import AlreadyDecided, AlreadyVoted, ClaimedByAnother, HoldOver
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.services import Actor, cancel_run, claim, confirm_decisions, undo
from workflows.types import RunStatus

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("whole_chain")]


@pytest.fixture
def three(db: None) -> list[User]:
    return [a_person(f"voter {number}", policy.REVIEWERS) for number in (1, 2, 3)]


def several(ask_under: AskUnder, **said: Any) -> Iterator[Requirement]:
    """As many requirements as there are rounds, each of a run of its own."""
    for _ in range(ROUNDS):
        yield ask_under(of=a_run(status=RunStatus.paused), **said)


def release_now(requirement: Requirement) -> None:
    """Let the hold be over at this moment."""
    Requirement.objects.filter(id=requirement.id).update(release_at=timezone.now())


def released(requirement: Requirement) -> None:
    """What a worker does when the hold is over."""
    release_now(requirement)
    confirm_decisions(requirement.run_id)


def test_of_two_voters_at_once_the_second_completes_the_quorum(
    ask_under: AskUnder, three: list[User]
) -> None:
    for requirement in several(ask_under, quorum=2):
        votes = at_once(*(partial(decide, requirement, person) for person in three[:2]))

        requirement.refresh_from_db()
        assert requirement.status == Requirement.Status.DECIDED
        assert sorted(vote.closes for vote in votes) == [False, True]
        types = list(requirement.run.events.values_list("type", flat=True))
        assert types == ["VoteCast", "RequirementDecided"]


def test_of_three_voters_for_two_one_is_late(ask_under: AskUnder, three: list[User]) -> None:
    for requirement in several(ask_under, quorum=2):
        results = at_once(*(partial(decide, requirement, person) for person in three))

        assert [type(late) for late in failures(results)] == [AlreadyDecided]
        assert requirement.decisions.filter(closes=True).count() == 1


def test_one_voter_twice_at_once_is_one_vote(ask_under: AskUnder, three: list[User]) -> None:
    for requirement in several(ask_under, quorum=2):
        results = at_once(*[partial(decide, requirement, three[0])] * 2)

        assert [type(late) for late in failures(results)] == [AlreadyVoted]
        assert requirement.decisions.count() == 1


def test_a_yes_and_a_no_at_once_end_as_one_of_them(ask_under: AskUnder, three: list[User]) -> None:
    for requirement in several(ask_under, quorum=2):
        decide(requirement, three[0])
        at_once(partial(decide, requirement, three[1]), partial(decide, requirement, three[2], "reject"))

        requirement.refresh_from_db()
        closing = requirement.decisions.get(closes=True)
        assert requirement.decision == closing
        assert requirement.run.events.filter(type="RequirementDecided").count() == 1


def test_of_undo_and_release_one_wins(ask_under: AskUnder, reviewer: User) -> None:
    for requirement in several(ask_under, hold=60):
        decision = decide(requirement, reviewer)
        undone, _ = at_once(
            partial(undo, decision.id, actor=Actor.of(reviewer)), partial(released, requirement)
        )

        requirement.refresh_from_db()
        types = set(requirement.run.events.values_list("type", flat=True))
        if isinstance(undone, Requirement):
            assert (requirement.is_open, requirement.revision) == (True, 2)
            assert "DecisionReleased" not in types
        else:
            assert isinstance(undone, HoldOver)
            assert (requirement.status, requirement.release_at) == (Requirement.Status.DECIDED, None)
            assert "DecisionUndone" not in types


def test_a_worker_and_an_undo_leave_one_story(reviewer: User, settings: Any) -> None:
    settings.HITL_HOLD_SECONDS = 60
    calls: list[str] = []
    gate: Workflow = a_flow(Step("act", lambda _: calls.append("act"), requires_confirmation=True))
    for _ in range(ROUNDS):
        calls.clear()
        requirement = paused(gate)
        decision = decide(requirement, reviewer)
        WorkflowRun.objects.filter(id=requirement.run_id).update(wake_at=timezone.now())
        held = claimed(gate)

        def work(requirement: Requirement = requirement, held: Any = held) -> WorkflowRun:
            release_now(requirement)
            return drive(held, gate)

        undone, run = at_once(partial(undo, decision.id, actor=Actor.of(reviewer)), work)

        requirement.refresh_from_db()
        if isinstance(undone, Requirement):
            assert (run.status, calls, requirement.revision) == (RunStatus.paused, [], 2)
            cancel_run(run.id, actor=Actor.of(a_person(f"admin {run.id}", policy.ADMINS)))
        else:
            assert (run.status, calls) == (RunStatus.completed, ["act"])
            assert requirement.status == Requirement.Status.APPLIED


def test_two_undos_open_it_once(ask_under: AskUnder, reviewer: User) -> None:
    for requirement in several(ask_under, hold=60):
        decision = decide(requirement, reviewer)
        results = at_once(*[partial(undo, decision.id, actor=Actor.of(reviewer))] * 2)

        assert [type(late) for late in failures(results)] == [HoldOver]
        requirement.refresh_from_db()
        assert requirement.revision == 2


def test_of_several_claims_one_wins(ask_under: AskUnder, three: list[User]) -> None:
    for requirement in several(ask_under):
        results = at_once(*(partial(claim, requirement.id, actor=Actor.of(person)) for person in three))

        assert [type(late) for late in failures(results)] == [ClaimedByAnother] * 2
        requirement.refresh_from_db()
        assert requirement.run.events.get().actor == str(requirement.assignee)


def test_a_vote_is_kept_once_for_each_revision(ask_under: AskUnder, three: list[User]) -> None:
    requirement = ask_under(quorum=2, hold=60)
    decide(requirement, three[0])
    undo(decide(requirement, three[1]).id, actor=Actor.of(three[1]))
    requirement.refresh_from_db()
    decide(requirement, three[0])

    assert list(Decision.objects.values_list("revision", flat=True)) == [1, 1, 2]
    assert requirement.is_open
