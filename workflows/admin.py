"""Django admin: admins see everything, switch workflows on and off and cancel runs; history cannot be rewritten."""

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from workflows import policy, services
from workflows.errors import NotEligible, RunFinished
from workflows.models import (
    Decision,
    Requirement,
    RunEvent,
    Session,
    StepRecord,
    Value,
    Workflow,
    WorkflowRun,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin, TabularInline, InlineFormSet = admin.ModelAdmin, admin.TabularInline, BaseInlineFormSet

MOST_INLINE = 50


def never(*_: Any, **__: Any) -> bool:
    """For what nobody has permission to do, superusers included."""
    return False


def administrates(request: HttpRequest) -> bool:
    """Whether the group admins is somebody's; asked dozens of times for a page, it costs one query."""
    asked: Any = request
    if not hasattr(asked, "administrates"):
        asked.administrates = policy.is_admin(asked.user)
    return bool(asked.administrates)


class ForAdmins(ModelAdmin):
    """Open to staff in the group admins, as to whom Django's own permissions name."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_change_permission(request, obj)


class ReadOnly(ForAdmins):
    """To look at: nothing can be added, changed or deleted."""

    has_add_permission = has_change_permission = has_delete_permission = never


class FirstRows(InlineFormSet):
    """The first rows only: a run may have thousands."""

    def get_queryset(self) -> QuerySet[Any]:
        if not hasattr(self, "_queryset"):
            self._queryset = super().get_queryset()[:MOST_INLINE]
        return self._queryset


class ReadOnlyInline(TabularInline):
    """Rows of a run on its page, each a link to its own."""

    formset = FirstRows
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural: Any = None
    has_add_permission = has_change_permission = never

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_view_permission(request, obj)


class RecordInline(ReadOnlyInline):
    """What happened at each place of the run's tree."""

    model = StepRecord
    fields = ["path", "kind", "status", "tries", "started_at", "finished_at"]
    verbose_name_plural = f"step records (the first {MOST_INLINE})"


class RequirementInline(ReadOnlyInline):
    """What people were asked in the run."""

    model = Requirement
    fields = ["step_name", "kind", "status", "revision", "opened_at", "timeout_at"]
    verbose_name_plural = f"requirements (the first {MOST_INLINE})"


class EventInline(ReadOnlyInline):
    """The run's log."""

    model = RunEvent
    fields = ["sequence", "type", "path", "actor", "created_at"]
    verbose_name_plural = f"events (the first {MOST_INLINE})"


class DecisionInline(ReadOnlyInline):
    """Who answered a requirement."""

    model = Decision
    fields = ["action", "actor", "channel", "revision", "feedback", "decided_at"]
    verbose_name_plural = f"decisions (the first {MOST_INLINE})"


@admin.register(Workflow)
class WorkflowAdmin(ForAdmins):
    """Definitions come from code; here they are switched on and off, and it is said who decides where they do not."""

    list_display = ["title", "name", "enabled", "registered_at"]
    list_filter = ["enabled"]
    search_fields = ["title", "name"]
    fields = ["title", "name", "description", "enabled", "policy", "fingerprint", "registered_at", "tree"]
    readonly_fields = ["title", "name", "description", "fingerprint", "registered_at", "tree"]
    has_add_permission = has_delete_permission = never

    @admin.display(description="Outline")
    def tree(self, workflow: Workflow) -> SafeString:
        return _pretty(workflow.outline)


@admin.register(Session)
class SessionAdmin(ReadOnly):
    """What runs of one workflow share."""

    list_display = ["id", "workflow", "version", "created_at"]
    list_filter = ["workflow"]
    list_select_related = ["workflow"]
    search_fields = ["id"]
    fields = ["id", "workflow", "version", "created_at", "shared_state"]
    readonly_fields = ["shared_state"]

    @admin.display(description="State")
    def shared_state(self, session: Session) -> SafeString:
        return _pretty(session.state)


@admin.register(WorkflowRun)
class WorkflowRunAdmin(ReadOnly):
    """The runs, with one thing to do about them."""

    list_display = ["__str__", "status", "requested_by", "source", "created_at"]
    list_filter = ["status", "workflow"]
    list_select_related = ["workflow", "requested_by"]
    date_hierarchy = "created_at"
    search_fields = ["^id", "summary", "source", "external_id", "requested_by__username"]
    readonly_fields = ["everything"]
    inlines = [RequirementInline, RecordInline, EventInline]
    fieldsets = [
        (None, {"fields": ["workflow", "status", "summary", "requested_by", "created_at", "finished_at"]}),
        ("What came of it", {"fields": ["output", "outcome", "everything"]}),
        ("Origin", {"fields": ["source", "external_id", "session", "fingerprint"]}),
        ("Queue", {"fields": ["wake_at", "lease_owner", "fence", "cancel_requested_by"]}),
    ]
    actions = ["cancel_selected"]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Who sees the action; the service checks each run again."""
        return administrates(request)

    def view_on_site(self, run: WorkflowRun) -> str | None:
        return _portal_address("runs:detail", run)

    @admin.display(description="All of its rows")
    def everything(self, run: WorkflowRun) -> SafeString:
        of_run = {"run__id__exact": run.id}
        links = [
            _link_to(Requirement, of_run),
            _link_to(Decision, {"requirement__run__id__exact": run.id}),
            _link_to(StepRecord, of_run),
            _link_to(Value, of_run),
            _link_to(RunEvent, of_run),
        ]
        return format_html_join(" · ", "{}", ((link,) for link in links))

    @admin.action(description="Cancel selected runs", permissions=["cancel"])
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


class OfRun(ReadOnly):
    """What belongs to a run, found through it."""

    list_select_related = ["run__workflow"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super().get_queryset(request).select_related("run__workflow")
        )  # for the headings of single rows


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

    @admin.display(description="Data")
    def content(self, value: Value) -> SafeString:
        return _pretty(value.plain())


@admin.register(Requirement)
class RequirementAdmin(OfRun):
    """What people are asked; they answer in the portal, to which each page leads."""

    list_display = ["step_name", "kind", "status", "revision", "run", "opened_at", "timeout_at"]
    list_filter = ["status", "kind"]
    search_fields = ["^id", "step_name", "message"]
    date_hierarchy = "opened_at"
    inlines = [DecisionInline]

    def view_on_site(self, requirement: Requirement) -> str | None:
        return _portal_address("inbox:detail", requirement)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """Who answered what, when, and through which door."""

    list_display = ["requirement", "action", "actor", "channel", "decided_at"]
    list_filter = ["action", "channel"]
    list_select_related = ["requirement"]
    search_fields = ["actor", "feedback", "requirement__step_name"]
    date_hierarchy = "decided_at"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "requirement__run__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(RunEvent)
class RunEventAdmin(OfRun):
    """The log, newest first."""

    list_display = ["sequence", "type", "path", "actor", "run", "created_at"]
    list_filter = ["type"]
    search_fields = ["^type", "path", "actor"]
    date_hierarchy = "created_at"
    ordering = ["-sequence"]


def _pretty(data: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(data, indent=2, ensure_ascii=False))


def _link_to(model: type[Model], lookups: dict[str, Any]) -> SafeString:
    """A link to the list of a model's rows with these lookups."""
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(lookups), options.verbose_name_plural)


def _portal_address(name: str, row: Model) -> str | None:
    """Where the portal shows it; admin also works where there is no portal."""
    try:
        return reverse(name, args=[row.pk])
    except NoReverseMatch:
        return None
