"""Going on from a run that was given files: by whoever started it, or by somebody who filled in a form."""

import base64
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.workflows.driving import a_flow, asked_by, decide, drive_only
from workflows import Step, StepInput, Workflow, services
from workflows.models import WorkflowRun
from workflows.services import Actor
from workflows.types import File, RunStatus, UserInputField

pytestmark = pytest.mark.django_db

SCAN = File(name="a.txt", content=b"hello")
SENT = {"name": "a.txt", "data": base64.b64encode(b"hello").decode()}


class Reader:
    """What steps have read, and whether reading fails."""

    def __init__(self) -> None:
        self.read: list[Any] = []
        self.is_broken = False

    def input(self, step_input: StepInput) -> str:
        """Read the file that the run was started with."""
        return self._read(step_input.input["scan"])

    def form(self, step_input: StepInput) -> str:
        """Read the file that somebody sent."""
        return self._read((step_input.additional_data or {})["user_input"]["scan"])

    def _read(self, file: Any) -> str:
        if self.is_broken:
            raise ValueError("illegible")
        self.read.append(file)
        return "read"


@pytest.fixture
def reader() -> Reader:
    """Give somebody who reads files."""
    return Reader()


def started(flow: Workflow, person: User, given: Any = None) -> WorkflowRun:
    run = services.start_run(flow.plan.name, given or {}, actor=Actor.of(person), source="portal")
    return drive_only(run, flow)


@pytest.mark.parametrize("path", ["open", "read"])
def test_a_fork_has_the_files_of_the_input(reader: Reader, admin: User, path: str) -> None:
    flow = a_flow(Step("open", reader.input), Step("read", reader.input))
    old = started(flow, admin, {"scan": SCAN})
    new = services.fork_run(old.id, path, actor=Actor.of(admin))
    assert drive_only(new, flow).status == RunStatus.completed
    assert [file.content for file in reader.read] == [b"hello"] * (4 if path == "open" else 3)


def test_a_retry_has_the_files_of_the_input(reader: Reader, admin: User) -> None:
    flow = a_flow(Step("read", reader.input, max_retries=0, on_error="fail"))
    reader.is_broken = True
    old = started(flow, admin, {"scan": SCAN})
    reader.is_broken = False
    new = services.retry_run(old.id, actor=Actor.of(admin))
    assert drive_only(new, flow).status == RunStatus.completed
    assert [file.content for file in reader.read] == [b"hello"]


def test_a_retry_has_the_file_that_somebody_sent(reader: Reader, admin: User, reviewer: User) -> None:
    fields = [UserInputField(name="scan", field_type="file")]
    asks: dict[str, Any] = {"requires_user_input": True, "user_input_schema": fields}
    flow = a_flow(Step("read", reader.form, max_retries=0, on_error="fail", **asks))
    reader.is_broken = True
    old = started(flow, admin)
    decide(asked_by(old), reviewer, values={"scan": SENT})
    assert drive_only(old, flow).status == RunStatus.error
    reader.is_broken = False
    new = services.retry_run(old.id, actor=Actor.of(admin))
    assert drive_only(new, flow).status == RunStatus.completed
    assert [file.content for file in reader.read] == [b"hello"]
