"""Rows that tests start from, made with as little as the tables allow."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from workflows.models import Decision, Requirement, RunEvent, Session, Workflow, WorkflowRun
from workflows.types import RequirementKind


def a_person(name: str, *groups: str, **fields: Any) -> User:
    """Somebody with a password nobody knows, in these groups."""
    person = User.objects.create_user(name, **fields)
    person.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return person


def a_workflow(name: str = "refund", **fields: Any) -> Workflow:
    """The workflow of that name, made where it is missing."""
    defaults = {"title": name.capitalize(), "fingerprint": "f" * 64, "outline": {}} | fields
    return Workflow.objects.get_or_create(name=name, defaults=defaults)[0]


def a_run(requested_by: User | None = None, **fields: Any) -> WorkflowRun:
    """A run of the workflow "refund" that nobody drives."""
    workflow = a_workflow()
    session = Session.objects.create(workflow=workflow)
    return WorkflowRun.objects.create(
        **{"workflow": workflow, "session": session, "requested_by": requested_by, "source": "portal"}
        | fields
    )


def an_event(run: WorkflowRun, **fields: Any) -> RunEvent:
    """An event of a run, at the end of the log."""
    return RunEvent.objects.create(run=run, **{"type": "RunQueued", "created_at": timezone.now()} | fields)


def a_requirement(run: WorkflowRun, **fields: Any) -> Requirement:
    """An open confirmation at the step "approve"."""
    given = {"path": "approve", "key": "before:0", "step_name": "approve"} | fields
    return Requirement.objects.create(
        run=run, kind=RequirementKind.confirmation, opened_at=timezone.now(), **given
    )


def a_decision(requirement: Requirement, person: User) -> Decision:
    """That person's yes, written as it stands, without the service."""
    return Decision.objects.create(
        requirement=requirement,
        revision=1,
        action="approve",
        person=person,
        actor=person.username,
        channel="portal",
        decided_at=timezone.now(),
    )
