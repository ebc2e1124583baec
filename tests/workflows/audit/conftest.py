"""A run with a decision, and hands that get around everything that holds the log append-only."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.workflows.driving import a_flow, decide, paused, work
from workflows import Step, Workflow, append_only
from workflows.models import Decision, WorkflowRun

Forge = Callable[[str], None]


@pytest.fixture
def flow(db: None) -> Workflow:
    """Give a workflow that asks before it pays."""
    pay = Step("pay", lambda given: "paid", requires_confirmation=True)
    return a_flow(Step("check", lambda given: {"amount": 100}), pay)


@pytest.fixture
def decision(flow: Workflow, reviewer: User) -> Decision:
    """Give a decision that its run has gone on with."""
    made = decide(paused(flow, {"order": 7}), reviewer, feedback="Looks right")
    work(flow)
    return made


@pytest.fixture
def run(decision: Decision) -> WorkflowRun:
    """Give the run of that decision."""
    return WorkflowRun.objects.get(id=decision.requirement.run_id)


@pytest.fixture
def forge(db: None) -> Forge:
    """Run SQL as somebody does who owns the database: `forge("DELETE FROM …")`."""

    def done(statement: str) -> None:
        connection.check_constraints()
        append_only.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute(statement)
        append_only.install(connection)

    return done
