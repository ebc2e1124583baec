"""Webhook sources in Django admin: their secrets are shown once, in the answer and in no cookie."""

from typing import Any

from django.test import Client

from hitl_portal.hooks.models import WebhookSource
from tests.workflows.admin.pages import act, address
from workflows.models import WorkflowRun


def filled_in(run: WorkflowRun, **fields: Any) -> dict[str, Any]:
    given = {"name": "till", "signs": "standard", "workflow": run.workflow.pk, "enabled": "on"}
    return given | {"max_bytes": 1000, "per_minute": 60} | fields


def test_a_new_source_shows_its_secret_once(site: Client, run: WorkflowRun) -> None:
    answer = site.post(address(WebhookSource, "add"), filled_in(run))
    source = WebhookSource.objects.get(name="till")

    assert source.secret in answer.content.decode()
    assert source.secret not in site.get(address(WebhookSource, "change", source.pk)).content.decode()


def test_no_secret_travels_in_a_cookie(site: Client, run: WorkflowRun) -> None:
    answer = site.post(address(WebhookSource, "add"), filled_in(run))
    source = WebhookSource.objects.get(name="till")

    assert source.secret not in str(answer.cookies)
    assert "no-cache" in answer["Cache-Control"]


def test_a_source_whose_secret_comes_from_elsewhere_gets_none(site: Client, run: WorkflowRun) -> None:
    site.post(address(WebhookSource, "add"), filled_in(run, signs="stripe"), follow=True)

    assert not WebhookSource.objects.get(name="till").secrets.exists()


def test_a_mapping_that_cannot_work_is_refused(site: Client, run: WorkflowRun) -> None:
    answer = site.post(address(WebhookSource, "add"), filled_in(run, mapping='"$.["'))

    assert "is no expression" in answer.content.decode()


def test_a_changed_source_keeps_its_secret(site: Client, run: WorkflowRun) -> None:
    source = WebhookSource.objects.get()
    fields = filled_in(run, name="shop", max_bytes=500)
    page = site.post(address(WebhookSource, "change", source.pk), fields, follow=True).content.decode()

    assert WebhookSource.objects.get().max_bytes == 500
    assert WebhookSource.objects.get().secret == source.secret
    assert source.secret not in page


def test_a_renewed_secret_is_shown_once(site: Client, run: WorkflowRun) -> None:
    before = WebhookSource.objects.get().secret

    page = act(site, WebhookSource, "renew_secrets", WebhookSource.objects.get())

    after = WebhookSource.objects.get().valid_secrets()
    assert after[0] in page
    assert before not in after
