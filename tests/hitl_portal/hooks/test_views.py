"""A post that is signed, fresh and readable starts one run; any other post is told why, and starts nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hitl_portal.hooks.models import WebhookSource
from hitl_portal.problems import PROBLEMS, TYPES
from tests.hitl_portal.hooks.conftest import Sender
from tests.rows import a_workflow
from workflows.models import RunEvent, Value, WorkflowRun

pytestmark = pytest.mark.django_db


def assert_refused(response: Any, kind: str) -> None:
    """The problem is what was said, and nothing was started."""
    content = response.json()
    assert (content["type"], response.status_code) == (TYPES + kind, PROBLEMS[kind][0])
    assert response["Content-Type"] == "application/problem+json"
    assert content["status"] == response.status_code
    assert {"title", "detail"} <= content.keys()
    assert not WorkflowRun.objects.exists()
    assert not RunEvent.objects.exists()


def test_a_signed_post_starts_a_run(sender: Sender) -> None:
    response = sender.post({"amount": 120})

    run = WorkflowRun.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "run": str(run.id),
        "url": f"http://localhost:8000/runs/{run.id}/",
        "status": "PENDING",
    }
    assert response["Location"] == response.json()["url"]


def test_the_run_says_where_it_came_from(sender: Sender) -> None:
    sender.post({"amount": 120}, id="msg_7")

    run = WorkflowRun.objects.get()
    assert (run.workflow.name, run.source, run.external_id) == ("refund", "webhook:shop", "msg_7")
    assert run.requested_by is None
    assert RunEvent.objects.get().actor == "webhook:shop"


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ({"amount": 120}, {"amount": 120}),
        (["a", 1], ["a", 1]),
        (None, None),
        ({"type": "order.paid", "timestamp": "2026-01-01T00:00:00Z", "data": {"amount": 1}}, {"amount": 1}),
        ({"workflow": "refund", "data": {"amount": 1}}, {"workflow": "refund", "data": {"amount": 1}}),
    ],
    ids=["object", "list", "null", "standard payload", "named workflow"],
)
def test_the_body_becomes_the_input(sender: Sender, body: Any, taken: Any) -> None:
    sender.post(body)

    assert Value.objects.get(slot="inputs").plain() == {"input": taken}


def test_the_same_message_twice_is_one_run(sender: Sender) -> None:
    first, again = sender.post({"amount": 120}), sender.post({"amount": 120})

    assert (again.status_code, again.json()["run"]) == (202, first.json()["run"])
    assert WorkflowRun.objects.count() == 1


def test_another_message_is_another_run(sender: Sender) -> None:
    sender.post({"amount": 120}, id="msg_1")
    sender.post({"amount": 120}, id="msg_2")

    assert WorkflowRun.objects.count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "no signature at all"},
        {"webhook_signature": "v1,not base64 either"},
        {"webhook_signature": "v1a,AAAA"},
        {"webhook_signature": "v1,\xe9"},
        {"webhook_signature": ""},
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "yesterday"},
        {"webhook_timestamp": "nan"},
        {"webhook_timestamp": "1e400"},
    ],
    ids=str,
)
def test_a_forged_post_is_refused(sender: Sender, headers: dict[str, Any]) -> None:
    assert_refused(sender.post({"amount": 120}, **headers), "bad-signature")


def test_a_post_without_headers_is_refused(source: WebhookSource, client: Client) -> None:
    response = client.post("/hooks/shop", {"amount": 120}, content_type="application/json")

    assert_refused(response, "bad-signature")


def test_a_changed_body_is_refused(sender: Sender) -> None:
    good = sender.signature("msg_1", datetime.now(tz=UTC), b'{"amount": 120}')

    assert_refused(sender.post(b'{"amount": 121}', webhook_signature=good), "bad-signature")


def test_a_body_that_is_no_text_is_refused(sender: Sender) -> None:
    assert_refused(sender.post(b"\xff\xfe"), "bad-signature")


def test_a_post_signed_with_another_secret_is_refused(sender: Sender, source: WebhookSource) -> None:
    source.renew_secret()

    assert_refused(sender.post({"amount": 120}), "bad-signature")


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)], ids=["late", "early"])
def test_a_post_of_another_time_is_refused(sender: Sender, age: timedelta) -> None:
    assert_refused(sender.post({"amount": 120}, age=age), "timestamp")


@pytest.mark.parametrize("age", [timedelta(minutes=4), timedelta(minutes=-4)], ids=["late", "early"])
def test_clocks_may_differ_a_little(sender: Sender, age: timedelta) -> None:
    assert sender.post({"amount": 120}, age=age).status_code == 202


def test_a_post_that_is_too_large_is_refused(sender: Sender) -> None:
    assert_refused(sender.post({"text": "x" * 1000}), "too-large")


def test_a_post_as_large_as_allowed_is_taken(sender: Sender) -> None:
    assert sender.post(b'"' + b"x" * 998 + b'"').status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"amount=120",
        b'{"amount": NaN}',
        b"[" * 900,
        b"[" * 100 + b"]" * 100,
        b'"\\u0000"',
        b'{"\\ud800": 1}',
        b'{"amount": 1e400}',
    ],
    ids=["empty", "cut", "form", "nan", "open", "deep", "nul", "surrogate", "infinite"],
)
def test_a_post_that_cannot_be_read_is_refused(sender: Sender, body: bytes) -> None:
    assert_refused(sender.post(body), "malformed")


def test_an_id_that_cannot_be_kept_is_refused(sender: Sender) -> None:
    assert_refused(sender.post({}, id="x" * 201), "malformed")


@pytest.mark.parametrize("name", ["nobody", "shop-2"])
def test_an_unknown_source_is_refused(sender: Sender, name: str) -> None:
    assert_refused(sender.post({"amount": 120}, to=name), "unknown-source")


def test_a_source_that_is_switched_off_is_unknown(sender: Sender, source: WebhookSource) -> None:
    WebhookSource.objects.update(enabled=False)

    assert_refused(sender.post({"amount": 120}), "unknown-source")


@pytest.mark.parametrize("name", ["release", "nothing of the kind"])
def test_a_workflow_that_the_source_may_not_start_is_refused(sender: Sender, name: str) -> None:
    a_workflow("release")

    assert_refused(sender.post({"workflow": name}), "unknown-workflow")


def test_a_workflow_that_is_switched_off_is_not_started(sender: Sender, source: WebhookSource) -> None:
    source.workflow.enabled = False
    source.workflow.save()

    assert_refused(sender.post({"amount": 120}), "workflow-disabled")


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_a_post_starts_something(source: WebhookSource, client: Client, method: str) -> None:
    response = getattr(client, method)("/hooks/shop")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert not WorkflowRun.objects.exists()
