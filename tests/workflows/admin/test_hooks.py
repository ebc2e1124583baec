"""Webhook sources in Django admin: their secrets are shown once."""

from django.test import Client

from hitl_portal.hooks.models import WebhookSource
from tests.workflows.admin.pages import act, address
from workflows.models import WorkflowRun


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
