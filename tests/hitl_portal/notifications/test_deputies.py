"""Whoever becomes somebody's deputy hears of what was waiting for them already; once, and only of what they may see."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hitl_portal.notifications.deriving import derive, tell_deputies
from hitl_portal.notifications.models import Dispatch, Note
from tests.hitl_portal.notifications.conftest import names, opened
from tests.hitl_portal.notifications.told import Told
from tests.rows import a_requirement
from workflows.models import Delegation, Grant, Requirement, WorkflowRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(told: Told, run: WorkflowRun, reviewer: User) -> Requirement:
    """Give a question that was asked of the reviewer alone, who was told of it."""
    policy = {"deciders": {"groups": [], "users": ["reviewer"]}}
    requirement = a_requirement(run, policy=policy, is_restricted=True)
    Grant.objects.create(run=run, requirement=requirement, username="reviewer", decides=True)
    opened(requirement)
    derive()
    return requirement


def away(reviewer: User, deputy: User, **fields: object) -> Delegation:
    now = timezone.now()
    given = {"starts_at": now, "ends_at": now + timedelta(days=1), "created_by": "reviewer"} | fields
    return Delegation.objects.create(person=reviewer, deputy=deputy, **given)


def test_a_deputy_hears_once_of_what_waits(waiting: Requirement, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)

    assert (tell_deputies(), tell_deputies()) == (1, 0)
    note = Note.objects.get(person=stranger)
    assert (note.kind, note.instead_of, note.requirement) == ("assigned", "reviewer", waiting)
    assert Dispatch.objects.filter(person=stranger).count() == 1


def test_of_what_is_decided_they_do_not(waiting: Requirement, reviewer: User, stranger: User) -> None:
    away(reviewer, stranger)
    Requirement.objects.update(status="applied")

    assert tell_deputies() == 0


def test_nor_before_it_begins_or_after_it_was_revoked(
    waiting: Requirement, reviewer: User, stranger: User
) -> None:
    away(reviewer, stranger, starts_at=timezone.now() + timedelta(hours=1))
    away(reviewer, stranger, revoked_at=timezone.now())

    assert tell_deputies() == 0


def test_who_was_told_when_it_was_asked_is_not_told_again(
    told: Told, waiting: Requirement, reviewer: User, admin: User, stranger: User
) -> None:
    away(reviewer, stranger)
    opened(waiting)
    derive()

    assert names("assigned") == ["stranger"]
    assert tell_deputies() == 0


def test_where_nobody_is_away_it_costs_one_query(waiting: Requirement) -> None:
    with CaptureQueriesContext(connection) as queries:
        tell_deputies()

    assert len(queries) == 1
