"""Workflows in Django admin. Definitions come from code; here they are switched on and off, and it is said who decides
where they do not say it themselves."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from workflows import coverage
from workflows.admin.policy_form import WorkflowForm, members
from workflows.admin.rights import ForAdmins, never
from workflows.admin.showing import pretty
from workflows.models import Workflow
from workflows.types import RunStatus

UNFINISHED = [status for status in RunStatus if not status.finished]


@admin.register(Workflow)
class WorkflowAdmin(ForAdmins):
    """Whether it may be started, who decides, for how long a decision can be undone; and what nobody could decide."""

    form = WorkflowForm
    list_display = ["title", "name", "enabled", "unfinished", "decided_by", "registered_at"]
    list_filter = ["enabled"]
    search_fields = ["title", "name"]
    readonly_fields = ["title", "name", "description", "fingerprint", "registered_at", "tree", "undecidable"]
    fieldsets = [
        (None, {"fields": ["title", "name", "description", "enabled", "undecidable"]}),
        (
            "Who decides, where a step says nothing",
            {
                "fields": [
                    "decider_groups",
                    "decider_users",
                    "decider_groups_by",
                    "decider_users_by",
                    "viewer_groups",
                    "viewer_users",
                    "viewer_groups_by",
                    "viewer_users_by",
                    "quorum",
                    "rejections",
                    "four_eyes",
                    "exclusive",
                ],
                "description": "It counts for what is asked from now on.",
            },
        ),
        ("Holds and times", {"fields": ["hold", "due", "more"]}),
        ("Queue", {"fields": ["priority", "max_running", "max_per_key"]}),
        ("Definition", {"fields": ["fingerprint", "registered_at", "tree"], "classes": ["collapse"]}),
    ]
    has_add_permission = has_delete_permission = never

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        workflows: QuerySet[Workflow] = super().get_queryset(request)
        return workflows.annotate(living=Count("runs", filter=Q(runs__status__in=UNFINISHED)))

    @admin.display(description=_("Unfinished runs"), ordering="living")
    def unfinished(self, workflow: Workflow) -> int:
        return int(getattr(workflow, "living", 0))

    @admin.display(description=_("Decided by"))
    def decided_by(self, workflow: Workflow) -> str:
        named = members(workflow.policy.get("deciders"))
        said = (*named.groups, *named.users, named.groups_by, named.users_by)
        return ", ".join(filter(None, said)) or "reviewers"

    @admin.display(description=_("Outline"))
    def tree(self, workflow: Workflow) -> SafeString:
        return pretty(workflow.outline)

    @admin.display(description=_("What nobody can decide"))
    def undecidable(self, workflow: Workflow) -> SafeString | str:
        found = [finding for finding in coverage.of_definitions() if finding.workflow == workflow.name]
        rows = [(f"{finding.path}: " if finding.path else "", finding.detail) for finding in found]
        return format_html_join(mark_safe("<br>"), "{}{}.", rows) or "Everything can be decided."
