"""A row of every kind, and those who administrate."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client
from django.utils import timezone

from hitl_portal.hooks.models import WebhookSource
from hitl_portal.inbox.models import Preferences, SavedView
from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from workflows.models import (
    Checkpoint,
    Comment,
    CoverageCheck,
    Delegation,
    Grant,
    Snooze,
    StepRecord,
    Value,
    Verification,
    WorkerBeat,
    WorkflowRun,
)


@pytest.fixture
def run(db: None) -> WorkflowRun:
    """Give a run with a row of every kind."""
    run = a_run(a_person("requester"))
    value = Value.objects.create(run=run, slot="inputs", data='{"input":{"amount":120}}')
    StepRecord.objects.create(
        run=run, path="pay", name="pay", kind="Step", output=value, started_at=run.created_at
    )
    requirement = a_requirement(run)
    reviewer = a_person("reviewer", "reviewers", is_staff=True)
    a_decision(requirement, reviewer)
    an_event(run, requirement=requirement)
    Grant.objects.create(run=run, requirement=requirement, group="legal")
    now = timezone.now()
    Comment.objects.create(run=run, author=reviewer, text="Pay attention.", created_at=now)
    Delegation.objects.create(
        person=reviewer, starts_at=now, ends_at=now + timedelta(days=3), created_by="reviewer"
    )
    Checkpoint.objects.create(number=1, heads=0, created_at=now)
    Verification.objects.create(started_at=now, finished_at=now, runs=1, events=1, checkpoints=1)
    CoverageCheck.objects.create(checked_at=now, found=2, lines=["refund: nobody", "leave: nobody"])
    WorkerBeat.objects.create(name="here:1", transport="database", started_at=now, seen_at=now)
    Snooze.objects.create(requirement=requirement, person=reviewer, until=now + timedelta(days=1))
    SavedView.objects.create(owner=reviewer, name="Refunds", query="q=refund")
    Preferences.objects.create(person=reviewer)
    LogEntry.objects.create(user=reviewer, action_flag=CHANGE, object_repr="Refund")
    source = WebhookSource.objects.create(name="shop", workflow=run.workflow)
    source.renew_secret()
    return run


@pytest.fixture(params=["superuser", "admins"])
def site(request: pytest.FixtureRequest, client: Client, run: WorkflowRun) -> Client:
    """Be signed in as somebody who administrates."""
    facts: dict[str, Any] = {"is_staff": True, "is_superuser": request.param == "superuser"}
    client.force_login(a_person("admin", "admins", **facts))
    return client


@pytest.fixture
def as_admin(client: Client, run: WorkflowRun) -> Client:
    """Be signed in as staff in the group admins, without being a superuser."""
    client.force_login(a_person("admin", "admins", is_staff=True))
    return client
