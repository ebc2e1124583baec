"""The first answer that fits decides; whatever speaks against one changes nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_run
from tests.workflows.driving import an_ask, decide
from workflows.audit.chain import moment
from workflows.audit.words import words
from workflows.errors import (
    AlreadyDecided,
    DecisionRefused,
    InvalidAnswer,
    NotEligible,
    StaleRevision,
)
from workflows.models import Decision, Requirement, RunEvent, WorkflowRun
from workflows.services import Actor, cancel_run, resolve
from workflows.types import Action, Answer, RunStatus

pytestmark = pytest.mark.django_db

MACHINE = Actor(name="webhook:shop", channel="webhook")
FORM: dict[str, Any] = {
    "kind": "user_input",
    "fields": (
        {"name": "target", "field_type": "str", "allowed_values": ["staging", "production"]},
        {"name": "minutes", "field_type": "int", "required": False},
    ),
}
ROUTE: dict[str, Any] = {"kind": "route", "choices": ({"name": "fast"}, {"name": "thorough"})}


ANSWERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"action": "approve"}),
    ({}, {"action": "reject", "feedback": "Too much."}),
    ({}, {"action": "cancel"}),
    (FORM, {"action": "approve", "values": {"target": "staging", "minutes": 5}}),
    (FORM, {"action": "reject"}),
    (ROUTE, {"action": "approve", "choices": ("fast",)}),
    (ROUTE | {"allow_multiple": True}, {"action": "approve", "choices": ("fast", "thorough")}),
    ({"kind": "output_review"}, {"action": "approve"}),
    ({"kind": "output_review"}, {"action": "edit", "content": "Better."}),
    ({"kind": "output_review"}, {"action": "edit", "content": "A backslash is no null: \\u0000"}),
    ({"kind": "output_review"}, {"action": "reject", "feedback": "Shorter."}),
    ({"kind": "error"}, {"action": "retry"}),
    ({"kind": "error"}, {"action": "skip"}),
]
REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"action": "retry"}, "action"),
    ({}, {"action": "edit", "content": "Better."}, "action"),
    ({"kind": "error"}, {"action": "approve"}, "action"),
    (FORM, {"action": "approve"}, "target"),
    (FORM, {"action": "approve", "values": {"target": "moon"}}, "target"),
    (FORM, {"action": "approve", "values": {"target": "staging", "minutes": "5"}}, "minutes"),
    (ROUTE, {"action": "approve"}, "choices"),
    (ROUTE, {"action": "approve", "choices": ("scenic",)}, "choices"),
    (ROUTE, {"action": "approve", "choices": ("fast", "thorough")}, "choices"),
    ({"kind": "output_review"}, {"action": "edit", "content": object()}, "content"),
    ({"kind": "output_review"}, {"action": "edit", "content": date(2026, 1, 1)}, "content"),
    ({"kind": "output_review"}, {"action": "edit", "content": ["\0"]}, "content"),
    ({}, {"action": "reject", "feedback": "half\0"}, "feedback"),
]


def rows() -> list[Any]:
    """Everything that a decision could change."""
    models = (Requirement, Decision, WorkflowRun, RunEvent)
    return [list(model._default_manager.values()) for model in models]


def refused(requirement: Requirement, person: User | None, **said: Any) -> DecisionRefused:
    """What an answer is refused with; and that nothing was changed by it."""
    actor = Actor.of(person) if person else MACHINE
    revision = said.pop("revision", requirement.revision)
    before = rows()
    with pytest.raises(DecisionRefused) as told:
        resolve(
            requirement.id, revision=revision, answer=Answer(**{"action": Action.approve} | said), actor=actor
        )
    assert rows() == before
    return told.value


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    return a_run(requester, status=RunStatus.paused)


@pytest.mark.parametrize(("question", "said"), ANSWERS)
def test_an_answer_that_fits_decides(
    run: WorkflowRun, reviewer: User, question: dict[str, Any], said: dict[str, Any]
) -> None:
    requirement = an_ask(run, **question)

    decision = decide(requirement, reviewer, **said)

    requirement.refresh_from_db()
    assert requirement.status == Requirement.Status.DECIDED
    assert requirement.decisions.get() == decision
    kept = Answer.from_dict(Decision.objects.get().answer)
    assert kept == Answer(**said | {"action": Action(said["action"])})


def test_the_decision_says_who_when_and_where(run: WorkflowRun, reviewer: User) -> None:
    before = timezone.now()
    decide(an_ask(run), reviewer, "reject", feedback="Too much.")

    decision = Decision.objects.get()
    assert (decision.person, decision.actor, decision.channel) == (reviewer, "reviewer", "portal")
    assert (decision.action, decision.feedback, decision.revision) == ("reject", "Too much.", 1)
    assert before <= decision.decided_at <= timezone.now()


def test_it_is_an_event(run: WorkflowRun, reviewer: User) -> None:
    requirement = an_ask(run)
    decision = decide(requirement, reviewer)

    event = run.events.get()
    assert (event.type, event.actor, event.path) == ("RequirementDecided", "reviewer", "pay")
    assert event.requirement == requirement
    said = {"action": "approve", "revision": 1, "kind": "confirmation"}
    digests = {"digest": decision.digest, "words": words(decision)}
    which = {"decision": str(decision.id), "channel": "portal", "decided_at": moment(decision.decided_at)}
    assert event.data == said | digests | which


def test_the_run_becomes_due(run: WorkflowRun, reviewer: User) -> None:
    decide(an_ask(run), reviewer)

    assert list(WorkflowRun.objects.due(timezone.now())) == [run]


def test_a_run_that_is_driven_keeps_its_lease(run: WorkflowRun, reviewer: User) -> None:
    until = timezone.now() + timedelta(seconds=15)
    WorkflowRun.objects.update(lease_owner="worker", wake_at=until)
    decide(an_ask(run), reviewer)

    assert WorkflowRun.objects.get().wake_at == until


def test_a_second_answer_is_told_who_was_faster(run: WorkflowRun, reviewer: User, admin: User) -> None:
    requirement = an_ask(run)
    first = decide(requirement, reviewer, "reject")

    late = refused(requirement, admin)

    assert isinstance(late, AlreadyDecided)
    assert (late.by, late.at, late.action) == ("reviewer", first.decided_at, "reject")
    assert "reject by reviewer at" in str(late)


def test_an_answer_after_the_end_is_told_so(run: WorkflowRun, reviewer: User, admin: User) -> None:
    requirement = an_ask(run)
    cancel_run(run.id, actor=Actor.of(admin))

    late = refused(requirement, reviewer)

    assert isinstance(late, AlreadyDecided)
    assert (late.by, late.action) == ("the end of the run", "withdrawn")
    assert late.at == WorkflowRun.objects.get().finished_at


@pytest.mark.parametrize("seen", [1, 3])
def test_an_answer_to_another_revision_is_refused(run: WorkflowRun, reviewer: User, seen: int) -> None:
    requirement = an_ask(run)
    Requirement.objects.update(revision=2)

    stale = refused(requirement, reviewer, revision=seen)

    assert isinstance(stale, StaleRevision)
    assert (stale.seen, stale.current) == (seen, 2)


@pytest.mark.parametrize("name", ["requester", "stranger"])
def test_who_is_no_reviewer_is_refused(request: pytest.FixtureRequest, run: WorkflowRun, name: str) -> None:
    assert isinstance(refused(an_ask(run), request.getfixturevalue(name)), NotEligible)


def test_a_reviewer_who_has_left_is_refused(run: WorkflowRun, reviewer: User) -> None:
    reviewer.is_active = False

    assert isinstance(refused(an_ask(run), reviewer), NotEligible)


def test_a_machine_is_refused(run: WorkflowRun) -> None:
    assert isinstance(refused(an_ask(run), None), NotEligible)


def test_a_stranger_learns_nothing_of_a_decision(run: WorkflowRun, reviewer: User, stranger: User) -> None:
    requirement = an_ask(run)
    decide(requirement, reviewer)

    assert isinstance(refused(requirement, stranger), NotEligible)


@pytest.mark.parametrize(("question", "said", "field"), REFUSED)
def test_an_answer_that_does_not_fit_is_refused_by_field(
    run: WorkflowRun, reviewer: User, question: dict[str, Any], said: dict[str, Any], field: str
) -> None:
    said = said | {"action": Action(said["action"])}

    wrong = refused(an_ask(run, **question), reviewer, **said)

    assert isinstance(wrong, InvalidAnswer)
    assert list(wrong.by_field) == [field]


def test_every_wrong_field_is_named(run: WorkflowRun, reviewer: User) -> None:
    values = {"target": "moon", "minutes": "5"}
    wrong = refused(an_ask(run, **FORM), reviewer, values=values)

    assert isinstance(wrong, InvalidAnswer)
    assert wrong.by_field.keys() == {"target", "minutes"}
