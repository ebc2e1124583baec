"""Django admin's pages, and what is registered there."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from workflows.models import (
    Checkpoint,
    Comment,
    CoverageCheck,
    Decision,
    Delegation,
    Grant,
    Requirement,
    RunEvent,
    Session,
    Snooze,
    StepRecord,
    Value,
    Verification,
    WorkerBeat,
    WorkflowRun,
)

OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in {"workflows", "hooks", "inbox", "auth", "admin"}
]
NAMES = [model.__name__ for model in OURS]
HISTORY = [RunEvent, Decision, Checkpoint, Verification, CoverageCheck]
WRITTEN_BY_THE_ENGINE = [
    *HISTORY,
    Comment,
    Delegation,
    Grant,
    Requirement,
    Session,
    Snooze,
    StepRecord,
    Value,
    WorkerBeat,
    WorkflowRun,
]


def address(model: type[Model], page: str, *arguments: Any) -> str:
    """Where a page of a model is."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def a_row(model: type[Model]) -> Model:
    """Some row of a model."""
    row = model._default_manager.first()
    assert row is not None
    return row


def act(site: Client, model: type[Model], action: str, *rows: Model, **more: str) -> str:
    """Do something to selected rows; the page that says what came of it."""
    selected = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return site.post(address(model, "changelist"), selected, follow=True).content.decode()
