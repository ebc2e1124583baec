"""Admins see everything in Django admin, and there as well history cannot be rewritten; others are kept out."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hitl_portal.hooks.models import WebhookSource
from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from workflows.models import (
    Decision,
    Requirement,
    RunEvent,
    StepRecord,
    Value,
    Workflow,
    WorkflowRun,
)

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label in {"workflows", "hooks"}]
HISTORY = [RunEvent, Decision]
MOST_QUERIES = 14
NAMES = [model.__name__ for model in OURS]


@pytest.fixture
def run() -> WorkflowRun:
    """A run with a row of every kind."""
    run = a_run(a_person("requester"))
    value = Value.objects.create(run=run, slot="inputs", data='{"input":{"amount":120}}')
    StepRecord.objects.create(
        run=run, path="pay", name="pay", kind="Step", output=value, started_at=run.created_at
    )
    requirement = a_requirement(run)
    a_decision(requirement, a_person("reviewer", "reviewers", is_staff=True))
    an_event(run, requirement=requirement)
    source = WebhookSource(name="shop", workflow=run.workflow)
    source.renew_secret()
    source.save()
    return run


@pytest.fixture(params=["superuser", "admins"])
def site(request: pytest.FixtureRequest, client: Client, run: WorkflowRun) -> Client:
    """Be signed in as somebody who administrates."""
    facts: dict[str, Any] = {"is_staff": True, "is_superuser": request.param == "superuser"}
    client.force_login(a_person("admin", "admins", **facts))
    return client


def address(model: type[Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def a_row(model: type[Model]) -> Model:
    row = model._default_manager.first()
    assert row is not None
    return row


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
        "WebhookSource",
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


@pytest.mark.parametrize("model", HISTORY)
def test_history_cannot_be_rewritten(site: Client, model: type[Model]) -> None:
    row = a_row(model)
    before = list(model._default_manager.values())

    assert site.post(address(model, "change", row.pk), {"actor": "nobody"}).status_code == 403
    assert site.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert site.post(address(model, "add"), {"actor": "nobody"}).status_code == 403
    assert list(model._default_manager.values()) == before


@pytest.mark.parametrize("model", [model for model in OURS if model not in {Workflow, WebhookSource}])
def test_what_the_engine_wrote_cannot_be_changed(site: Client, model: type[Model]) -> None:
    assert site.post(address(model, "change", a_row(model).pk), {}).status_code == 403


def test_a_workflow_is_switched_off(site: Client, run: WorkflowRun) -> None:
    site.post(address(Workflow, "change", run.workflow.pk), {"title": "Another title"})

    run.workflow.refresh_from_db()
    assert (run.workflow.enabled, run.workflow.title) == (False, "Refund")


def test_selected_runs_are_cancelled(site: Client, run: WorkflowRun) -> None:
    act(site, WorkflowRun, "cancel_selected", run)

    run.refresh_from_db()
    assert (run.status, run.outcome) == ("CANCELLED", "Cancelled by admin")
    assert RunEvent.objects.filter(type="WorkflowCancelled", actor="admin").exists()


def test_a_run_that_has_ended_stays_as_it_is(site: Client, run: WorkflowRun) -> None:
    WorkflowRun.objects.update(status="COMPLETED")

    page = act(site, WorkflowRun, "cancel_selected", run)

    assert "has already ended" in page
    assert WorkflowRun.objects.get().status == "COMPLETED"


@pytest.mark.parametrize("model", [WorkflowRun, RunEvent, Requirement, StepRecord, Value])
def test_a_run_is_called_by_its_workflow_and_its_input(
    site: Client, run: WorkflowRun, model: type[Model]
) -> None:
    WorkflowRun.objects.update(summary="order: 7")

    assert "Refund · order: 7" in site.get(address(model, "changelist")).content.decode()
    assert "Refund · order: 7" in site.get(address(model, "change", a_row(model).pk)).content.decode()


def test_a_run_leads_to_the_portal_and_to_its_rows(site: Client, run: WorkflowRun) -> None:
    page = site.get(address(WorkflowRun, "change", run.pk)).content.decode()
    links = [f"{address(model, 'changelist')}?run__id__exact={run.pk}" for model in (RunEvent, Requirement)]

    assert reverse("runs:detail", args=[run.pk]) in page
    assert all(link in page for link in links)


@pytest.mark.parametrize("model", [RunEvent, Requirement, StepRecord, Value, Decision])
def test_the_rows_of_one_run_are_listed(site: Client, run: WorkflowRun, model: type[Model]) -> None:
    lookup = "requirement__run__id__exact" if model is Decision else "run__id__exact"
    an_event(a_run())

    page = site.get(address(model, "changelist"), {lookup: str(run.pk)})

    assert page.status_code == 200
    assert page.context["cl"].result_count == 1


def test_a_new_source_shows_its_secret_once(site: Client, run: WorkflowRun) -> None:
    fields = {"name": "till", "workflow": run.workflow.pk, "enabled": "on", "max_bytes": 1000}
    first = site.post(address(WebhookSource, "add"), fields, follow=True).content.decode()
    source = WebhookSource.objects.get(name="till")

    assert source.secret in first
    assert source.secret not in site.get(address(WebhookSource, "change", source.pk)).content.decode()


def test_a_changed_source_keeps_its_secret(site: Client, run: WorkflowRun) -> None:
    source = WebhookSource.objects.get()
    fields = {"name": "shop", "workflow": run.workflow.pk, "max_bytes": 1000}
    page = site.post(address(WebhookSource, "change", source.pk), fields, follow=True).content.decode()

    assert WebhookSource.objects.get().secret == source.secret
    assert source.secret not in page


def test_a_renewed_secret_is_shown_once(site: Client, run: WorkflowRun) -> None:
    before = WebhookSource.objects.get().secret

    page = act(site, WebhookSource, "renew_secrets", WebhookSource.objects.get())

    after = WebhookSource.objects.get().secret
    assert after in page
    assert after != before


def act(site: Client, model: type[Model], action: str, *rows: Model) -> str:
    selected = {"action": action, "_selected_action": [row.pk for row in rows]}
    return site.post(address(model, "changelist"), selected, follow=True).content.decode()
