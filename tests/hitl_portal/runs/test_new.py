"""Starting a run by hand."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.hitl_portal.conftest import SignIn
from workflows.models import Value, Workflow, WorkflowRun


def start(client: Client, input_: str, workflow: str = "refund") -> Any:
    return client.post("/runs/new/", {"workflow": workflow, "input": input_})


def test_the_workflows_can_be_chosen(as_: SignIn, workflow: Workflow, requester: User) -> None:
    page = as_(requester).get("/runs/new/").content.decode()
    assert '<option value="refund" selected>Refund</option>' in page


@pytest.mark.parametrize(
    ("typed", "given"),
    [('{"order_id": 7}', {"order_id": 7}), ("[1]", [1]), ("plain words", "plain words"), ("", None)],
)
def test_it_starts_with_json_or_text(
    as_: SignIn, workflow: Workflow, requester: User, typed: str, given: Any
) -> None:
    response = start(as_(requester), typed)
    run = WorkflowRun.objects.get()
    assert response.headers["Location"] == f"/runs/{run.id}/"
    assert (run.requested_by, run.source) == (requester, "portal")
    assert Value.objects.get(run=run).plain() == {"input": given}


@pytest.mark.parametrize(
    "typed", ['{"order_id": ', "[NaN]", '{"a": 1e400}', '{"a": "\\ud800"}', "[" * 100_000]
)
def test_broken_json_comes_back(as_: SignIn, workflow: Workflow, requester: User, typed: str) -> None:
    response = start(as_(requester), typed)
    assert response.status_code == 422
    assert "This is not JSON" in response.content.decode()
    assert not WorkflowRun.objects.exists()


def test_what_is_switched_off_cannot_be_started(as_: SignIn, workflow: Workflow, requester: User) -> None:
    Workflow.objects.update(enabled=False)
    client = as_(requester)
    assert start(client, "").status_code == 422
    assert "No workflow can be started yet." in client.get("/runs/new/").content.decode()
    assert not WorkflowRun.objects.exists()


def test_nobody_starts_nothing(client: Client, workflow: Workflow) -> None:
    assert start(client, "").status_code == 302
    assert not WorkflowRun.objects.exists()
