"""Starting a run by hand."""

import html
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.hitl_portal.conftest import SignIn
from workflows.errors import InvalidInput
from workflows.models import Value, Workflow, WorkflowRun
from workflows.services import Actor, start_run


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


SCHEMA = {
    "type": "object",
    "properties": {
        "topic": {"type": "string", "maxLength": 20},
        "pages": {"type": "integer", "minimum": 1, "default": 3},
        "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        "scan": {"type": "object", "format": "file"},
    },
    "required": ["topic"],
}


@pytest.fixture
def described(workflow: Workflow) -> Workflow:
    """A workflow that says what its input is."""
    Workflow.objects.update(input_schema=SCHEMA)
    return workflow


def fill(client: Client, **typed: Any) -> Any:
    data = {"workflow": "refund", "shown": "refund"} | {f"input-{name}": text for name, text in typed.items()}
    return client.post("/runs/new/", data)


def test_a_workflow_that_says_what_its_input_is_has_fields(
    as_: SignIn, described: Workflow, requester: User
) -> None:
    page = as_(requester).get("/runs/new/?workflow=refund").content.decode()
    assert 'name="input-topic"' in page
    assert 'type="date" name="input-due"' in page
    assert 'type="file" name="input-scan"' in page
    assert 'name="input-pages" value="3"' in page


def test_fields_become_the_input_without_what_was_left_empty(
    as_: SignIn, described: Workflow, requester: User
) -> None:
    assert fill(as_(requester), topic="Forms", pages="2", due="").status_code == 302
    assert Value.objects.get(slot="inputs").plain() == {"input": {"topic": "Forms", "pages": 2}}


def test_what_does_not_fit_comes_back_at_its_field(as_: SignIn, described: Workflow, requester: User) -> None:
    response = fill(as_(requester), topic="x" * 21, pages="0", due="2026-01-31")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_input-topic"' in page
    assert 'id="id_input-pages_error"' in page
    assert 'value="2026-01-31"' in page
    assert not WorkflowRun.objects.exists()


def test_a_file_is_kept_beside_the_input(as_: SignIn, described: Workflow, requester: User) -> None:
    scan = SimpleUploadedFile("a.txt", b"hello", "text/plain")
    assert fill(as_(requester), topic="Forms", scan=scan).status_code == 302
    given = Value.objects.get(slot="inputs").plain()["input"]["scan"]
    assert (given["name"], given["size"]) == ("a.txt", 5)
    assert Value.objects.filter(slot=given["slot"]).exists()


def test_raw_json_is_held_to_the_same(as_: SignIn, described: Workflow, requester: User) -> None:
    client = as_(requester)
    assert '"pages": 3' in html.unescape(client.get("/runs/new/?workflow=refund&raw=1").content.decode())
    response = start(client, '{"pages": 1}')
    assert response.status_code == 422
    assert "&#x27;topic&#x27; is missing" in response.content.decode()
    assert start(client, '{"topic": "Forms"}').status_code == 302


@pytest.mark.parametrize("given", [None, "words", {"topic": 1}, {"topic": "x", "due": "soon"}])
def test_the_service_refuses_what_does_not_fit(described: Workflow, requester: User, given: Any) -> None:
    with pytest.raises(InvalidInput):
        start_run("refund", given, actor=Actor.of(requester), source="test")
    assert not WorkflowRun.objects.exists()


def test_fields_of_another_workflow_are_shown_before_it_starts(
    as_: SignIn, described: Workflow, requester: User
) -> None:
    data = {"workflow": "refund", "shown": "other", "input": "words"}
    response = as_(requester).post("/runs/new/", data)
    assert response.status_code == 200
    assert 'name="input-topic"' in response.content.decode()
    assert not WorkflowRun.objects.exists()
