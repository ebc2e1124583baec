"""Silence is answered as the question's on_timeout says, unless a person was faster."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_run
from tests.workflows.driving import an_ask, decide, events_of, overdue
from workflows.acting import locked
from workflows.errors import (
    AlreadyDecided,
)
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.services import expire_overdue
from workflows.types import OnTimeout, RunStatus

pytestmark = pytest.mark.django_db

LOCKED = "workflows.reviewing.expiring.locked"
FORM: dict[str, Any] = {"kind": "user_input", "fields": ({"name": "target"},)}
ROUTE: dict[str, Any] = {"kind": "route", "choices": ({"name": "fast"}, {"name": "thorough"})}


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    return a_run(requester, status=RunStatus.paused)


def expired(run: WorkflowRun, **question: Any) -> Decision:
    """What the timer answers to a question whose time is over."""
    requirement = an_ask(run, **question)
    overdue(requirement)
    expire_overdue(run.id)
    return requirement.decisions.get()


@pytest.mark.parametrize(
    ("on_timeout", "action"),
    [
        (OnTimeout.approve, "approve"),
        (OnTimeout.reject, "reject"),
        (OnTimeout.skip, "skip"),
        (OnTimeout.cancel, "cancel"),
        (None, "cancel"),
    ],
)
def test_silence_is_answered_as_on_timeout_says(
    run: WorkflowRun, on_timeout: OnTimeout | None, action: str
) -> None:
    decision = expired(run, on_timeout=on_timeout)

    assert (decision.action, decision.actor, decision.person) == (action, "timer", None)
    assert decision.channel == "timer"
    assert events_of(run) == ["RequirementDecided"]


def test_an_approved_form_takes_its_defaults(run: WorkflowRun) -> None:
    fields = ({"name": "target", "value": "staging"}, {"name": "note", "required": False})
    decision = expired(run, kind="user_input", fields=fields, on_timeout=OnTimeout.approve)

    assert decision.action == "approve"
    assert decision.answer["values"] == {"target": "staging"}


@pytest.mark.parametrize("question", [FORM, ROUTE], ids=["form", "route"])
def test_what_cannot_be_approved_without_a_person_is_cancelled(
    run: WorkflowRun, question: dict[str, Any]
) -> None:
    assert expired(run, **question, on_timeout=OnTimeout.approve).action == "cancel"


def test_a_deadline_that_has_not_come_is_left_alone(run: WorkflowRun) -> None:
    requirement = an_ask(run)
    Requirement.objects.update(timeout_at=timezone.now() + timedelta(minutes=1))
    expire_overdue(run.id)

    assert not requirement.decisions.exists()


def test_an_answer_in_time_beats_the_deadline(run: WorkflowRun, reviewer: User) -> None:
    requirement = an_ask(run, on_timeout=OnTimeout.cancel)
    decide(requirement, reviewer)
    overdue(requirement)
    expire_overdue(run.id)

    assert requirement.decisions.get().person == reviewer


def test_a_person_who_was_faster_at_the_last_moment_wins(
    run: WorkflowRun, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirement = an_ask(run, on_timeout=OnTimeout.cancel)
    overdue(requirement)

    def after_the_person(requirement_id: Any, using: str) -> Requirement:
        monkeypatch.setattr(LOCKED, locked)
        decide(requirement, reviewer)
        return locked(requirement_id, using)

    monkeypatch.setattr(LOCKED, after_the_person)
    expire_overdue(run.id)

    assert requirement.decisions.get().person == reviewer


def test_who_answers_after_the_timer_is_told_so(run: WorkflowRun, reviewer: User) -> None:
    expired(run)

    with pytest.raises(AlreadyDecided) as late:
        decide(Requirement.objects.get(), reviewer)

    assert late.value.by == "timer"


def test_other_runs_are_left_alone(run: WorkflowRun) -> None:
    other = an_ask(a_run())
    overdue(other)
    expire_overdue(run.id)

    assert not other.decisions.exists()
