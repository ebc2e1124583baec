"""A kept payload is done again: under its own id where it has started nothing, else as a new message."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hitl_portal.hooks.models import Delivery, WebhookSource
from tests.hitl_portal.conftest import SignIn
from tests.hitl_portal.hooks.conftest import Sender
from workflows.models import Value, Workflow, WorkflowRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(as_: SignIn, admin: User) -> Client:
    return as_(admin)


def replay(browser: Client, line: Delivery, once: str = "") -> Any:
    return browser.post(f"/webhooks/deliveries/{line.id}/replay/", {"once": once or str(uuid4())})


def test_one_that_was_refused_starts_its_run_under_its_own_id(sender: Sender, browser: Client) -> None:
    Workflow.objects.update(enabled=False)
    sender.post({"amount": 7}, id="msg_9")
    Workflow.objects.update(enabled=True)
    response = replay(browser, Delivery.objects.get())

    run = WorkflowRun.objects.get()
    assert response["Location"] == f"/runs/{run.id}/"
    assert sender.post({"amount": 7}, id="msg_9").json()["run"] == str(run.id)
    assert WorkflowRun.objects.count() == 1


def test_one_that_has_started_a_run_starts_another(sender: Sender, browser: Client) -> None:
    sender.post({"amount": 7})
    replay(browser, Delivery.objects.get())

    assert WorkflowRun.objects.count() == 2
    assert [value.plain() for value in Value.objects.filter(slot="inputs")] == [{"input": {"amount": 7}}] * 2


def test_a_form_that_is_sent_twice_is_one_run(sender: Sender, browser: Client) -> None:
    sender.post({"amount": 7})
    line, once = Delivery.objects.get(), str(uuid4())
    first, again = replay(browser, line, once), replay(browser, line, once)

    assert first["Location"] == again["Location"]
    assert WorkflowRun.objects.count() == 2


def test_who_replays_is_the_requester_and_is_in_the_log(sender: Sender, browser: Client, admin: User) -> None:
    sender.post({"amount": 7})
    line = Delivery.objects.get()
    replay(browser, line)
    newest = Delivery.objects.first()

    assert newest is not None
    assert (newest.replay_of, newest.replayed_by, newest.outcome) == (line, "admin", "started")
    assert newest.run is not None
    assert newest.run.requested_by == admin


def test_it_is_done_as_the_source_says_now(sender: Sender, browser: Client, source: WebhookSource) -> None:
    sender.post({"amount": 7})
    WebhookSource.objects.update(mapping={"total": "$.amount"})
    replay(browser, Delivery.objects.get())

    assert {"input": {"total": 7}} in [value.plain() for value in Value.objects.filter(slot="inputs")]


def test_what_is_refused_again_is_said(sender: Sender, browser: Client) -> None:
    Workflow.objects.update(enabled=False)
    sender.post({"amount": 7})
    response = replay(browser, Delivery.objects.get())

    assert response.status_code == 409
    assert "is switched off" in response.content.decode()
    assert Delivery.objects.count() == 2


def test_a_forged_one_cannot_be_replayed(sender: Sender, browser: Client) -> None:
    sender.post({"amount": 7}, webhook_signature="v1,AAAA")
    line = Delivery.objects.get()

    assert replay(browser, line).status_code == 409
    assert "Replay" not in browser.get(f"/webhooks/deliveries/{line.id}/").content.decode()
    assert not WorkflowRun.objects.exists()


def test_looking_at_it_replays_nothing(sender: Sender, browser: Client) -> None:
    sender.post({"amount": 7})

    assert browser.get(f"/webhooks/deliveries/{Delivery.objects.get().id}/replay/").status_code == 405
    assert WorkflowRun.objects.count() == 1
