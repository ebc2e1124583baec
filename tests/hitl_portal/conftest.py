"""The people of every page's tests, and runs that wait for them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone, translation

from workflows import policy
from workflows.models import Requirement, RunEvent, Session, StepRecord, Value, Workflow, WorkflowRun
from workflows.types import RequirementKind, RunStatus, StepStatus

Ask = Callable[..., Requirement]
SignIn = Callable[[User], Client]

OUTLINE = {
    "name": "refund",
    "kind": "Workflow",
    "path": "",
    "children": [
        {"name": "check", "kind": "Step", "path": "check", "children": []},
        {"name": "pay", "kind": "Step", "path": "pay", "children": []},
        {"name": "notify", "kind": "Step", "path": "notify", "children": []},
    ],
}


def person(name: str, *groups: str) -> User:
    made = User.objects.create_user(name, password="a password for tests")
    made.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return made


@pytest.fixture(autouse=True)
def language_of_nobody() -> Iterator[None]:
    """Forget the language of whoever asked last: a thread keeps it until the next request."""
    yield
    translation.deactivate()


@pytest.fixture
def requester(db: None) -> User:
    return person("requester")


@pytest.fixture
def reviewer(db: None) -> User:
    return person("reviewer", policy.REVIEWERS)


@pytest.fixture
def admin(db: None) -> User:
    return person("admin", policy.ADMINS)


@pytest.fixture
def stranger(db: None) -> User:
    return person("stranger")


@pytest.fixture
def as_(db: None) -> SignIn:
    """Give each person a browser of their own."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def workflow(db: None) -> Workflow:
    return Workflow.objects.create(name="refund", title="Refund", fingerprint="f", outline=OUTLINE)


def new_run(workflow: Workflow, requester: User, **fields: Any) -> WorkflowRun:
    session = Session.objects.create(workflow=workflow)
    values = {"status": RunStatus.paused, "fingerprint": "f", "summary": "order_id: 7", "source": "portal"}
    run = WorkflowRun.objects.create(
        workflow=workflow, session=session, requested_by=requester, **values | fields
    )
    given = json.dumps({"input": {"order_id": 7, "amount": 249.5}})
    Value.objects.create(run=run, path="", slot="inputs", data=given)
    return run


@pytest.fixture
def run(workflow: Workflow, requester: User) -> WorkflowRun:
    """Give a run of the requester's that waits."""
    return new_run(workflow, requester)


@pytest.fixture
def ask(workflow: Workflow, requester: User) -> Ask:
    """Open a requirement: `ask("route", choices=[...])`; `content` is what its evidence holds."""

    def opened(
        kind: str = "confirmation",
        message: str = "Pay 249.50?",
        *,
        content: Any = None,
        run: WorkflowRun | None = None,
        **details: Any,
    ) -> Requirement:
        run = run or new_run(workflow, requester)
        evidence = None
        if content is not None:
            output = json.dumps({"content": content, "step_name": "check", "success": True})
            evidence = Value.objects.create(run=run, path="check", slot="call:0.0", data=output)
        asked = {"path": "pay", "key": "before:0", "step_name": "pay", "step_type": "Step"}
        return Requirement.objects.create(
            run=run,
            path="pay",
            key="before:0",
            kind=RequirementKind(kind),
            step_name="pay",
            message=message,
            details=asked | {"kind": kind, "on_reject": "skip", "message": message} | details,
            evidence=evidence,
            opened_at=timezone.now(),
        )

    return opened


@pytest.fixture
def finished_step(run: WorkflowRun) -> StepRecord:
    output = Value.objects.create(
        run=run, path="check", slot="call:0.0", data='{"content": "over the limit"}'
    )
    return StepRecord.objects.create(
        run=run,
        path="check",
        name="check",
        kind="Step",
        status=StepStatus.completed,
        output=output,
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )


def happened(run: WorkflowRun, type_: str, path: str = "", **data: Any) -> RunEvent:
    return RunEvent.objects.create(run=run, type=type_, path=path, data=data, created_at=timezone.now())


def answering(requirement: Requirement, action: str, **typed: Any) -> dict[str, Any]:
    """What the form of a card sends."""
    return {"revision": requirement.revision, "action": action, "feedback": ""} | typed
