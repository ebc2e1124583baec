"""Every list and every page of Django admin, for those who administrate and for nobody else."""

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from tests.workflows.admin.pages import NAMES, OURS, a_row, address
from workflows.models import WorkflowRun

pytestmark = pytest.mark.one_database

MOST_QUERIES = 16


def test_every_model_is_there() -> None:
    assert {*NAMES} == {
        "Workflow",
        "Session",
        "WorkflowRun",
        "StepRecord",
        "Value",
        "Requirement",
        "Decision",
        "RunEvent",
        "Checkpoint",
        "Verification",
        "Comment",
        "CoverageCheck",
        "WorkerBeat",
        "Snooze",
        "SavedView",
        "Preferences",
        "Grant",
        "Delegation",
        "WebhookSource",
        "User",
        "Group",
        "LogEntry",
    }


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_every_list_opens_and_is_searched(site: Client, model: type[Model]) -> None:
    assert site.get(address(model, "changelist")).status_code == 200
    assert site.get(address(model, "changelist"), {"q": "pay"}).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_every_row_opens(site: Client, model: type[Model]) -> None:
    assert site.get(address(model, "change", a_row(model).pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_a_list_costs_the_same_however_long_it_is(
    site: Client, model: type[Model], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        requirement = a_requirement(a_run(a_person(f"requester {number}")))
        a_decision(requirement, a_person(f"reviewer {number}"))
        an_event(requirement.run, requirement=requirement)

    with django_assert_max_num_queries(MOST_QUERIES):
        site.get(address(model, "changelist"))


@pytest.mark.parametrize("name", ["requester", "reviewer"])
@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_others_are_kept_out(client: Client, run: WorkflowRun, model: type[Model], name: str) -> None:
    client.force_login(User.objects.get(username=name))

    assert client.get(address(model, "changelist")).status_code in {302, 403}
    assert client.get(address(model, "change", a_row(model).pk)).status_code in {302, 403}
