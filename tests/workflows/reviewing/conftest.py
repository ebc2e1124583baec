"""Requirements under a policy, and the people whom policies name."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rows import a_person, a_run
from tests.workflows.driving import an_ask
from workflows.engine.needs import Ask
from workflows.models import Grant, Requirement, WorkflowRun
from workflows.store.asking import asked, granted
from workflows.types import ReviewPolicy, RunStatus

AskUnder = Callable[..., Requirement]


@pytest.fixture
def run(requester: User) -> WorkflowRun:
    """Give a run of the requester's that waits."""
    return a_run(requester, status=RunStatus.paused)


@pytest.fixture
def ask_under(run: WorkflowRun) -> AskUnder:
    """Ask under a policy, as the store does: `ask_under(quorum=2)`; `kind` and the like in `question`."""

    def under(
        question: dict[str, Any] | None = None, of: WorkflowRun | None = None, **said: Any
    ) -> Requirement:
        requirement = an_ask(of or run, **(question or {}))
        policy = ReviewPolicy.from_dict(said)
        names = (
            "policy",
            "is_restricted",
            "priority",
            "risk",
            "due_at",
            "next_step_at",
            "steps_taken",
            "digest",
        )
        values = asked(Ask.from_dict(requirement.details), policy, requirement.opened_at)[-len(names) :]
        Requirement.objects.filter(id=requirement.id).update(**dict(zip(names, values, strict=True)))
        fields = ("id", "run_id", "requirement_id", "group", "username", "decides")
        Grant.objects.bulk_create(
            Grant(**dict(zip(fields, row, strict=True)))
            for row in granted(requirement.run_id, requirement.id, policy)
        )
        return Requirement.objects.select_related("run").get(id=requirement.id)

    return under


@pytest.fixture
def reviewers(db: None) -> list[User]:
    """Give three who decide."""
    return [a_person(f"reviewer {number}", "reviewers") for number in (1, 2, 3)]
