"""A started run is queued with its input; the same message twice is one run."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.rows import a_workflow
from tests.workflows.driving import events_of
from workflows.errors import (
    UnkeepableInput,
    UnknownWorkflow,
    WorkflowDisabled,
)
from workflows.models import Session, Value, WorkflowRun
from workflows.services import Actor, start_run
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db

MACHINE = Actor(name="webhook:shop", channel="webhook")


def start(**options: Any) -> WorkflowRun:
    a_workflow("refund")
    given: dict[str, Any] = {"actor": MACHINE, "source": "webhook:shop"} | options
    return start_run("refund", {"amount": 120}, **given)


def test_a_new_run_is_due_at_once() -> None:
    run = start()

    assert run.status == RunStatus.pending
    assert list(WorkflowRun.objects.due(timezone.now())) == [run]


def test_its_first_event_says_who_queued_it() -> None:
    event = start().events.get()

    assert (event.type, event.actor, event.data) == (
        "RunQueued",
        "webhook:shop",
        {"source": "webhook:shop"},
    )


def test_its_input_is_kept_and_shown_in_one_line() -> None:
    run = start()

    assert run.values.get(path="", slot="inputs").plain() == {"input": {"amount": 120}}
    assert run.summary == "amount: 120"


def test_it_remembers_who_asked_and_for_which_definition(requester: User) -> None:
    run = start(actor=Actor.of(requester), source="portal")

    assert (run.requested_by, run.fingerprint) == (requester, a_workflow("refund").fingerprint)


def test_a_known_id_of_the_sender_gives_the_same_run_back() -> None:
    first, again = start(external_id="msg_1"), start(external_id="msg_1")

    assert again == first
    assert events_of(first) == ["RunQueued"]
    assert Session.objects.count() == 1


def test_the_same_id_from_another_sender_is_another_run() -> None:
    assert start(external_id="1") != start(external_id="1", source="webhook:bank")


def test_without_an_id_every_start_is_a_run() -> None:
    assert start() != start()


def test_runs_may_share_a_session() -> None:
    first, second = start(session_id="cart-7"), start(session_id="cart-7")

    assert (first.session_id, second.session_id) == ("cart-7", "cart-7")


def test_runs_have_a_session_of_their_own_otherwise() -> None:
    assert start().session_id != start().session_id


def test_an_unknown_workflow_is_refused() -> None:
    with pytest.raises(UnknownWorkflow, match="'nothing'"):
        start_run("nothing", actor=MACHINE, source="portal")


def test_a_workflow_that_is_switched_off_is_refused() -> None:
    a_workflow("refund", enabled=False)

    with pytest.raises(WorkflowDisabled):
        start()


def test_an_input_that_is_no_data_is_refused() -> None:
    a_workflow("refund")
    with pytest.raises(UnkeepableInput):
        start_run("refund", object(), actor=MACHINE, source="portal")

    assert not WorkflowRun.objects.exists()
    assert not Session.objects.exists()


def test_an_input_with_a_null_character_is_kept() -> None:
    a_workflow("refund")
    run = start_run("refund", "a\0b", actor=MACHINE, source="portal")

    assert run.summary == "a b"
    assert Value.objects.get(run=run).plain() == {"input": "a\0b"}
