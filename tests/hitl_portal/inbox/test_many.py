"""Ten thousand open items: the list and a search cost as many queries as for one, and little time; no query goes
through the whole table."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hitl_portal.inbox.models import SavedView
from tests.hitl_portal.conftest import SignIn
from workflows.ids import new_id
from workflows.models import Decision, Requirement, Session, Workflow, WorkflowRun

MANY = 10_000
ENOUGH = 2_000  # for a plan
PATIENCE = 3.0  # seconds of computing; what was seen is a tenth of that


def fill(workflow: Workflow, requester: User, number: int) -> None:
    session = Session.objects.create(workflow=workflow)
    runs = [
        WorkflowRun(
            workflow=workflow,
            session=session,
            requested_by=requester,
            source="portal",
            external_id=str(new_id()),
        )
        for _number in range(number)
    ]
    WorkflowRun.objects.bulk_create(runs, batch_size=500)
    Requirement.objects.bulk_create(_asked(runs), batch_size=500)


def _asked(runs: list[WorkflowRun]) -> Iterator[Requirement]:
    now = timezone.now()
    for number, run in enumerate(runs):
        yield Requirement(
            run=run,
            path="pay",
            key="before:0",
            kind="confirmation",
            step_name="pay",
            message=f"Refund number {number}?",
            opened_at=now - timedelta(seconds=MANY - number),
        )


@pytest.fixture
def many(workflow: Workflow, requester: User) -> None:
    fill(workflow, requester, MANY)


ADDRESSES = (
    "/",
    "/?q=refund",
    "/?q=number+4711",
    "/?sort=due&age=hour",
    "/?sort=priority&who=free&requester=requester",
    "/?sort=newest&who=team&kind=approval&workflow=refund&risk=high",
    "/?show=snoozed&due=over",
    "/?show=decided",
    "/?show=decided&who=mine&q=refund",
    "/inbox/rows/?q=refund",
)
# A scan of this table that has no index to go along.
WHOLE = {
    "sqlite": re.compile(r"SCAN workflows_requirement(?! USING)"),
    "postgresql": re.compile(r"Seq Scan on workflows_requirement"),
}


def test_every_view_of_ten_thousand_takes_eight_queries(
    as_: SignIn, many: None, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    for name, query in (("a", "q=refund"), ("b", "who=mine"), ("c", "due=day")):
        SavedView.objects.create(owner=reviewer, name=name, query=query)
    client = as_(reviewer)
    for address in ADDRESSES:
        began = time.process_time()
        with django_assert_max_num_queries(8):
            page = client.get(address).content
        assert time.process_time() - began < PATIENCE, address
        assert len(page) < 40_000
    assert "Refund number 4711?" in client.get("/?q=number+4711").content.decode()


def plans(of: list[dict[str, str]]) -> str:
    """How the database goes about queries that were made, where they are about requirements."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    asked = [query["sql"] for query in of if '"workflows_requirement"' in query["sql"]]
    with connection.cursor() as cursor:
        lines = []
        for sql in asked:
            cursor.execute(f"{explain} {sql}")
            lines += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(lines)


@pytest.fixture
def counted(workflow: Workflow, requester: User, reviewer: User) -> None:
    """Let the database know how much there is; some of it is decided."""
    fill(workflow, requester, ENOUGH)
    decided = list(Requirement.objects.order_by("?")[: ENOUGH // 2])
    Requirement.objects.filter(pk__in=[one.pk for one in decided]).update(status="applied")
    Decision.objects.bulk_create(_answers(decided, reviewer), batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":  # so small a table it would rather read at once
            cursor.execute("SET LOCAL enable_seqscan = off")


def _answers(of: list[Requirement], person: User) -> Iterator[Decision]:
    for one in of:
        facts = {"person": person, "actor": person.username, "channel": "portal"}
        yield Decision(requirement=one, revision=1, action="approve", decided_at=one.opened_at, **facts)


def test_no_view_goes_through_the_whole_table(as_: SignIn, counted: None, reviewer: User) -> None:
    client = as_(reviewer)
    for address in ADDRESSES:
        with CaptureQueriesContext(connection) as made:
            client.get(address)
        found = plans(made.captured_queries)
        assert found, address
        assert not WHOLE[connection.vendor].search(found), f"{address}: {found}"
        assert address != "/?show=decided" or "decisions_by_time" in found
