"""Runs in Django admin: found by what they are about, and ended."""

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.rows import a_run, an_event
from tests.workflows.admin.pages import a_row, act, address
from workflows.models import Decision, Requirement, RunEvent, StepRecord, Value, WorkflowRun


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
