"""What a source says of its posts: the workflows that it may start, the mapping, and the check of the input."""

from typing import Any

import pytest

from hitl_portal.hooks.models import WebhookSource
from tests.hitl_portal.hooks.conftest import Sender
from tests.rows import a_workflow
from workflows.models import Value, WorkflowRun

pytestmark = pytest.mark.django_db

SCHEMA = {
    "type": "object",
    "properties": {"amount": {"type": "number"}, "customer": {"type": "string"}},
    "required": ["amount"],
}


def change(source: WebhookSource, **fields: Any) -> None:
    WebhookSource.objects.filter(pk=source.pk).update(**fields)


def kind(response: Any) -> str:
    return str(response.json()["type"].rpartition(":")[2])


def test_the_mapping_makes_the_input(sender: Sender, source: WebhookSource) -> None:
    change(source, mapping={"amount": "$.order.total", "kind": "refund"})
    sender.post({"order": {"total": 12}, "more": "left out"})

    assert Value.objects.get(slot="inputs").plain() == {"input": {"amount": 12, "kind": "refund"}}


def test_a_body_without_what_is_mapped_is_refused(sender: Sender, source: WebhookSource) -> None:
    change(source, mapping="$.order")
    response = sender.post({"another": 1})

    assert (response.status_code, kind(response)) == (422, "unmapped")


def test_a_post_may_name_another_workflow_that_is_allowed(sender: Sender, source: WebhookSource) -> None:
    source.others.add(a_workflow("release"))
    sender.post({"workflow": "release"})

    assert WorkflowRun.objects.get().workflow.name == "release"


@pytest.mark.parametrize(
    ("body", "started"),
    [({"kind": "release"}, "release"), ({"kind": "refund"}, "refund"), ({"other": 1}, "refund")],
)
def test_an_expression_finds_which_workflow(
    sender: Sender, source: WebhookSource, body: Any, started: str
) -> None:
    source.others.add(a_workflow("release"))
    change(source, naming="$.kind")
    sender.post(body)

    assert WorkflowRun.objects.get().workflow.name == started


@pytest.mark.parametrize("named", ["payroll", 3, None, ["release"], "x" * 5000])
def test_no_other_workflow_can_be_named(sender: Sender, source: WebhookSource, named: Any) -> None:
    a_workflow("payroll")
    source.others.add(a_workflow("release"))
    change(source, naming="$.kind", max_bytes=10_000)

    assert kind(sender.post({"kind": named})) == "unknown-workflow"
    assert not WorkflowRun.objects.exists()


def test_an_input_that_does_not_fit_is_refused_with_pointers(sender: Sender, source: WebhookSource) -> None:
    source.workflow.input_schema = SCHEMA
    source.workflow.save()
    response = sender.post({"amount": "much", "customer": 3})

    assert (response.status_code, kind(response)) == (422, "validation")
    assert {error["pointer"] for error in response.json()["errors"]} == {"/amount", "/customer"}
    assert not WorkflowRun.objects.exists()


def test_a_message_that_has_started_a_run_answers_it_whatever_has_changed(
    sender: Sender, source: WebhookSource
) -> None:
    first = sender.post({"amount": 1})
    change(source, mapping="$.nothing")
    source.workflow.enabled = False
    source.workflow.save()

    assert sender.post({"amount": 1}).json()["run"] == first.json()["run"]
