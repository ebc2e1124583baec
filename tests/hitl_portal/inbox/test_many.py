"""Ten thousand open items: the list and a search cost as many queries as for one, and little time."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from hitl_portal.inbox.models import SavedView
from tests.hitl_portal.conftest import SignIn
from workflows.ids import new_id
from workflows.models import Requirement, Session, Workflow, WorkflowRun

MANY = 10_000
PATIENCE = 3.0  # seconds; what was seen is a tenth of that


@pytest.fixture
def many(workflow: Workflow, requester: User) -> None:
    session = Session.objects.create(workflow=workflow)
    runs = [
        WorkflowRun(
            workflow=workflow,
            session=session,
            requested_by=requester,
            source="portal",
            external_id=str(new_id()),
        )
        for _number in range(MANY)
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


ADDRESSES = (
    "/",
    "/?q=refund",
    "/?q=number+4711",
    "/?sort=due&age=hour",
    "/?sort=priority&who=free&requester=requester",
    "/inbox/rows/?q=refund",
)


def test_every_view_of_ten_thousand_takes_eight_queries(
    as_: SignIn, many: None, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    for name, query in (("a", "q=refund"), ("b", "who=mine"), ("c", "due=day")):
        SavedView.objects.create(owner=reviewer, name=name, query=query)
    client = as_(reviewer)
    for address in ADDRESSES:
        began = time.perf_counter()
        with django_assert_max_num_queries(8):
            page = client.get(address).content
        assert time.perf_counter() - began < PATIENCE, address
        assert len(page) < 40_000
    assert "Refund number 4711?" in client.get("/?q=number+4711").content.decode()
