"""Each provider's form of signature, made here by hand as its documentation says, without any code of ours."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from hitl_portal.hooks.models import Delivery, WebhookSource
from hitl_portal.hooks.schemes import Message, github
from tests.rows import a_workflow
from workflows.models import Value, WorkflowRun

pytestmark = pytest.mark.django_db

SECRET = "It's a Secret to Everybody"
BODY = b'{"id": "evt_1", "event_id": "Ev1", "amount": 120}'
SCHEMES = ["github", "stripe", "slack"]


def hex_of(signed: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed(signs: str, body: bytes, secret: str = SECRET, *, age: int = 0) -> dict[str, str]:
    """The headers that a provider sends."""
    at = str(int(time.time()) - age)
    if signs == "github":
        return {
            "X-Hub-Signature-256": "sha256=" + hex_of(body, secret),
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "X-GitHub-Event": "issues",
        }
    if signs == "stripe":
        return {"Stripe-Signature": f"t={at},v1={hex_of(at.encode() + b'.' + body, secret)},v0=6ffbb59b"}
    digest = hex_of(b"v0:" + at.encode() + b":" + body, secret)
    return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": at}


def a_source(signs: str) -> WebhookSource:
    source = WebhookSource.objects.create(name="other", workflow=a_workflow("refund"), signs=signs)
    source.add_secret(SECRET)
    return source


def post(headers: dict[str, str], body: bytes = BODY, content_type: str = "application/json") -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post("/hooks/other", body, content_type=content_type, headers=headers)


def test_github_s_own_example_is_signed() -> None:
    """The values are those of GitHub's page on validating deliveries."""
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    message = Message(headers={"x-hub-signature-256": f"sha256={digest}"}, body=b"Hello, World!")

    github.verify(message, [SECRET])


@pytest.mark.parametrize("signs", SCHEMES)
def test_a_signed_post_starts_a_run_with_the_body(signs: str) -> None:
    a_source(signs)

    assert post(signed(signs, BODY)).status_code == 202
    assert Value.objects.get(slot="inputs").plain() == {"input": json.loads(BODY)}


@pytest.mark.parametrize(
    ("signs", "id"),
    [("github", "72d3162e-cc78-11e3-81ab-4c9367dc0958"), ("stripe", "evt_1"), ("slack", "Ev1")],
)
def test_sent_again_it_is_the_same_run(signs: str, id: str) -> None:
    a_source(signs)
    first, again = post(signed(signs, BODY, age=9)), post(signed(signs, BODY))

    assert first.json()["run"] == again.json()["run"]
    assert WorkflowRun.objects.get().external_id == id


@pytest.mark.parametrize("signs", SCHEMES)
def test_a_changed_body_is_refused(signs: str) -> None:
    a_source(signs)

    assert post(signed(signs, BODY), BODY.replace(b"120", b"999")).status_code == 401
    assert not WorkflowRun.objects.exists()


@pytest.mark.parametrize("signs", SCHEMES)
def test_another_secret_is_refused(signs: str) -> None:
    a_source(signs)

    assert post(signed(signs, BODY, "another secret")).status_code == 401


@pytest.mark.parametrize("signs", SCHEMES)
def test_without_headers_it_is_refused(signs: str) -> None:
    a_source(signs)

    assert post({}).status_code == 401


@pytest.mark.parametrize("age", [301, -400])  # a busy machine takes its time
@pytest.mark.parametrize("signs", ["stripe", "slack"])
def test_another_time_is_refused(signs: str, age: int) -> None:
    a_source(signs)

    assert post(signed(signs, BODY, age=age)).json()["type"].endswith(":timestamp")


@pytest.mark.parametrize("signs", ["stripe", "slack"])
def test_a_time_that_was_put_forward_is_not_signed(signs: str) -> None:
    a_source(signs)
    headers, now = signed(signs, BODY, age=400), str(int(time.time()))
    sent = headers.get("X-Slack-Request-Timestamp") or headers["Stripe-Signature"][2:12]
    headers = {name: value.replace(sent, now) for name, value in headers.items()}

    assert post(headers).json()["type"].endswith(":bad-signature")


def test_one_of_several_stripe_signatures_is_enough() -> None:
    """Stripe signs with both secrets while one is rolled."""
    a_source("stripe")
    good = signed("stripe", BODY)["Stripe-Signature"].split(",")

    assert post({"Stripe-Signature": f"{good[0]},v1={'0' * 64},{good[1]}"}).status_code == 202


def test_a_signature_of_stripe_s_old_kind_alone_is_refused() -> None:
    a_source("stripe")
    header = signed("stripe", BODY)["Stripe-Signature"].replace("v1=", "v0=")

    assert post({"Stripe-Signature": header}).status_code == 401


@pytest.mark.parametrize("sent", ["", "no time", "1e9", "²", "9" * 40])
def test_what_is_no_time_is_refused(sent: str) -> None:
    a_source("slack")
    digest = hex_of(b"v0:" + sent.encode() + b":" + BODY)
    headers = {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": sent}

    assert post(headers).status_code == 401


def test_a_form_of_slack_is_read() -> None:
    a_source("slack")
    body = urlencode(
        {"command": "/refund", "text": "A-1050", "trigger_id": "13345224609.8534564800"}
    ).encode()

    assert post(signed("slack", body), body, "application/x-www-form-urlencoded").status_code == 202
    assert WorkflowRun.objects.get().external_id == "13345224609.8534564800"


def test_the_payload_of_a_form_is_read() -> None:
    a_source("github")
    body = urlencode({"payload": '{"action": "opened"}'}).encode()

    assert post(signed("github", body), body, "application/x-www-form-urlencoded").status_code == 202
    assert Value.objects.get(slot="inputs").plain() == {"input": {"action": "opened"}}


def test_slack_gets_its_challenge_back() -> None:
    a_source("slack")
    body = b'{"type": "url_verification", "challenge": "3eZbrw1aB", "token": "Jhj5dZrVaK7ZwHHjRyZWjbDl"}'
    answer = post(signed("slack", body), body)

    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    assert not WorkflowRun.objects.exists()
    assert Delivery.objects.get().outcome == "greeted"


def test_a_challenge_that_is_not_signed_is_refused() -> None:
    a_source("slack")

    assert post({}, b'{"type": "url_verification", "challenge": "3eZbrw1aB"}').status_code == 401


def test_the_ping_of_github_starts_nothing() -> None:
    a_source("github")

    assert post(signed("github", BODY) | {"X-GitHub-Event": "ping"}).status_code == 200
    assert not WorkflowRun.objects.exists()


def test_an_event_of_stripe_without_an_id_is_refused() -> None:
    a_source("stripe")

    assert post(signed("stripe", b"{}"), b"{}").json()["type"].endswith(":malformed")


def test_what_github_calls_a_workflow_is_none_of_ours() -> None:
    a_source("github")
    body = b'{"workflow": ".github/workflows/release.yml"}'

    assert post(signed("github", body), body).status_code == 202
