"""What has been decided, written as it stands: the numbers are about rows, however they came to be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.insights.scope import Scope
from tests.hitl_portal.conftest import new_run
from workflows.models import Decision, Requirement, Workflow
from workflows.types import RequirementKind

Decide = Callable[..., Decision]
MINUTE = 60


@pytest.fixture
def decide(workflow: Workflow, requester: User, reviewer: User) -> Decide:
    """Write a decision: `decide("reject", took=5 * MINUTE, days_ago=2, on_reject="retry")`."""

    def decided(
        action: str = "approve",
        *,
        took: int = MINUTE,
        days_ago: int = 0,
        on_reject: str = "skip",
        **fields: Any,
    ) -> Decision:
        at = fields.pop("at", None) or timezone.now() - timedelta(days=days_ago)
        asked = {
            "run": fields.pop("run", None) or new_run(workflow, requester),
            "step_name": fields.pop("step", "pay"),
            "details": {"on_reject": on_reject},
            "status": Requirement.Status.APPLIED,
            "opened_at": at - timedelta(seconds=took),
        } | fields.pop("requirement", {})
        requirement = Requirement.objects.create(
            path="pay", key="before:0", kind=RequirementKind.confirmation, **asked
        )
        person = fields.pop("person", reviewer)
        said = {"revision": 1, "actor": str(person or "timer"), "channel": "portal" if person else "timer"}
        return Decision.objects.create(
            requirement=requirement, action=action, person=person, decided_at=at, **said | fields
        )

    return decided


@pytest.fixture
def scope(reviewer: User) -> Scope:
    """Give everything that the reviewer may see, of the last week."""
    return Scope(person=reviewer, workflow=None, days=7, now=timezone.now())
