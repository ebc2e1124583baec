"""Nothing in Django admin rewrites history: no form, no action, no inline, whoever asks."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client, RequestFactory

from tests.rows import a_person
from tests.workflows.admin.pages import (
    HISTORY,
    WRITTEN_BY_THE_ENGINE,
    a_row,
    act,
    address,
)
from workflows.models import Comment, Decision, Delegation, RunEvent, Workflow, WorkflowRun

WRITERS = {"add", "change", "delete"}


@pytest.mark.parametrize("model", HISTORY)
def test_history_cannot_be_rewritten(site: Client, model: type[Model]) -> None:
    row = a_row(model)
    before = list(model._default_manager.values())

    assert site.post(address(model, "change", row.pk), {"actor": "nobody"}).status_code == 403
    assert site.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert site.post(address(model, "add"), {"actor": "nobody"}).status_code == 403
    assert list(model._default_manager.values()) == before


@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_what_the_engine_wrote_cannot_be_changed(site: Client, model: type[Model]) -> None:
    assert site.post(address(model, "change", a_row(model).pk), {}).status_code == 403


@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_it_cannot_be_added_or_deleted_either(site: Client, model: type[Model]) -> None:
    row = a_row(model)

    assert site.get(address(model, "add")).status_code == 403
    assert site.post(address(model, "add"), {}).status_code == 403
    assert site.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_what_was_done_to_it_here_is_shown_and_not_changed(site: Client, model: type[Model]) -> None:
    row = a_row(model)

    assert site.get(address(model, "history", row.pk)).status_code == 200
    before = LogEntry.objects.count()
    site.post(address(model, "history", row.pk), {"actor": "nobody", "post": "yes"})
    assert LogEntry.objects.count() == before


# What can be done to many at once, besides looking: each goes through a service that writes an event.
ACTIONS = {WorkflowRun: {"cancel_selected"}, Delegation: {"end_selected"}}
ACTIONS |= {Comment: {"erase_selected"}, Decision: {"erase_selected"}}


@pytest.mark.django_db
@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_only_these_actions_are_offered(rf: RequestFactory, model: type[Model]) -> None:
    request: Any = rf.get("/")
    request.user = a_person("admin", is_staff=True, is_superuser=True)
    page = admin.site._registry[model]

    assert set(page.get_actions(request)) == ACTIONS.get(model, set())
    assert not page.list_editable


@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_no_action_deletes_them(site: Client, model: type[Model]) -> None:
    act(site, model, "delete_selected", a_row(model))

    assert model._default_manager.exists()


@pytest.mark.parametrize("model", [Workflow, User])
def test_what_history_refers_to_is_not_deleted(site: Client, model: type[Model]) -> None:
    row = a_row(model)

    assert site.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("model", WRITTEN_BY_THE_ENGINE)
def test_no_inline_writes_them(rf: RequestFactory, model: type[Model]) -> None:
    request: Any = rf.get("/")
    request.user = a_person("admin", is_staff=True, is_superuser=True)
    inlines = [
        inline
        for page in admin.site._registry.values()
        for inline in page.get_inline_instances(request)
        if inline.model is model
    ]

    assert not any(
        getattr(inline, f"has_{what}_permission")(request) for inline in inlines for what in WRITERS
    )


def test_a_change_of_a_run_with_its_inlines_is_refused(site: Client, run: WorkflowRun) -> None:
    event = RunEvent.objects.get()
    fields = {"events-TOTAL_FORMS": 1, "events-INITIAL_FORMS": 1, "events-0-sequence": event.pk}
    answer = site.post(
        address(WorkflowRun, "change", run.pk), fields | {"events-0-actor": "nobody", "events-0-DELETE": "on"}
    )

    assert answer.status_code == 403
    assert RunEvent.objects.filter(actor="").exists()


def test_a_person_who_decided_keeps_their_name(site: Client, run: WorkflowRun) -> None:
    reviewer = User.objects.get(username="reviewer")
    site.post(address(User, "change", reviewer.pk), {"username": "somebody", "is_active": "on"})

    assert Decision.objects.get().person == User.objects.get(username="reviewer")
