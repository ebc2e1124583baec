"""Runs in Django admin, and what happened in them: to look at. One thing can be done about a run: end it."""

from typing import TYPE_CHECKING, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows import services
from workflows.admin.rights import MOST_INLINE, OfRun, ReadOnly, ReadOnlyInline, administrates
from workflows.admin.showing import link_to, portal_address, pretty
from workflows.errors import NotEligible, RunFinished
from workflows.models import (
    Comment,
    Decision,
    Grant,
    Requirement,
    RunEvent,
    Session,
    StepRecord,
    Value,
    WorkflowRun,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class RecordInline(ReadOnlyInline):
    """What happened at each place of the run's tree."""

    model = StepRecord
    fields = ["path", "kind", "status", "tries", "started_at", "finished_at"]
    verbose_name_plural = format_lazy(_("step records (the first {number})"), number=MOST_INLINE)


class RequirementInline(ReadOnlyInline):
    """What people were asked in the run."""

    model = Requirement
    fields = ["step_name", "kind", "status", "revision", "opened_at", "timeout_at"]
    verbose_name_plural = format_lazy(_("requirements (the first {number})"), number=MOST_INLINE)


class EventInline(ReadOnlyInline):
    """The run's log."""

    model = RunEvent
    fields = ["sequence", "type", "path", "actor", "created_at"]
    verbose_name_plural = format_lazy(_("events (the first {number})"), number=MOST_INLINE)


@admin.register(Session)
class SessionAdmin(ReadOnly):
    """What runs of one workflow share."""

    list_display = ["id", "workflow", "version", "created_at"]
    list_filter = ["workflow"]
    list_select_related = ["workflow"]
    search_fields = ["id"]
    fields = ["id", "workflow", "version", "created_at", "shared_state"]
    readonly_fields = ["shared_state"]

    @admin.display(description=_("State"))
    def shared_state(self, session: Session) -> SafeString:
        return pretty(session.state)


@admin.register(WorkflowRun)
class WorkflowRunAdmin(ReadOnly):
    """The runs, with one thing to do about them."""

    list_display = ["__str__", "status", "requested_by", "source", "created_at", "finished_at"]
    list_filter = ["status", "workflow", "is_restricted"]
    list_select_related = ["workflow", "requested_by"]
    date_hierarchy = "created_at"
    search_fields = ["^id", "summary", "source", "external_id", "requested_by__username"]
    readonly_fields = ["everything"]
    inlines = [RequirementInline, RecordInline, EventInline]
    fieldsets = [
        (None, {"fields": ["workflow", "status", "summary", "requested_by", "created_at", "finished_at"]}),
        ("What came of it", {"fields": ["output", "outcome", "everything"]}),
        ("Origin", {"fields": ["source", "external_id", "session", "fingerprint"]}),
        (
            "Queue",
            {"fields": ["priority", "queue_key", "wake_at", "lease_owner", "fence", "cancel_requested_by"]},
        ),
    ]
    actions = ["cancel_selected"]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Who sees the action; the service checks each run again."""
        return administrates(request)

    def view_on_site(self, run: WorkflowRun) -> str | None:
        return portal_address("runs:detail", run)

    @admin.display(description=_("All of its rows"))
    def everything(self, run: WorkflowRun) -> SafeString:
        of_run = {"run__id__exact": run.id}
        links = [
            link_to(Requirement, of_run),
            link_to(Decision, {"requirement__run__id__exact": run.id}),
            link_to(StepRecord, of_run),
            link_to(Value, of_run),
            link_to(RunEvent, of_run),
            link_to(Comment, of_run),
            link_to(Grant, of_run),
        ]
        return format_html_join(" · ", "{}", ((link,) for link in links))

    @admin.action(description=_("Cancel selected runs"), permissions=["cancel"])
    def cancel_selected(self, request: HttpRequest, runs: QuerySet[WorkflowRun]) -> None:
        """Cancel each as if its own button had been pressed; those that have ended stay as they are."""
        actor = services.Actor.of(cast("User", request.user), "admin")
        cancelled = 0
        for run_id in runs.values_list("id", flat=True):
            try:
                services.cancel_run(run_id, actor=actor)
            except (RunFinished, NotEligible) as refusal:
                self.message_user(request, f"{run_id}: {refusal}", messages.WARNING)
            else:
                cancelled += 1
        self.message_user(request, f"{cancelled} cancelled.", messages.SUCCESS)


@admin.register(StepRecord)
class StepRecordAdmin(OfRun):
    """What happened at one place of a run's tree."""

    list_display = ["path", "kind", "status", "tries", "run", "started_at", "finished_at"]
    list_filter = ["status", "kind"]
    search_fields = ["path", "name"]
    date_hierarchy = "started_at"


@admin.register(Value)
class ValueAdmin(OfRun):
    """What a run was given or produced."""

    list_display = ["slot", "path", "run"]
    search_fields = ["path", "slot"]
    fields = ["run", "path", "slot", "content"]
    readonly_fields = ["content"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Value]:
        return super().get_queryset(request).defer("data")  # large ones are the reason for the table

    @admin.display(description=_("Data"))
    def content(self, value: Value) -> SafeString:
        return pretty(value.plain())


@admin.register(RunEvent)
class RunEventAdmin(OfRun):
    """The log, newest first."""

    list_display = ["sequence", "type", "path", "actor", "run", "created_at"]
    list_filter = ["type", "run__workflow"]
    search_fields = ["^type", "path", "actor"]
    date_hierarchy = "created_at"
    ordering = ["-sequence"]
