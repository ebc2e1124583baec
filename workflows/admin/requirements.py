"""Requirements in Django admin: what people were asked, answered and said, and who may see it. All of it to look at;
what is decided is decided in the portal."""

from typing import TYPE_CHECKING, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from workflows import services
from workflows.admin.rights import MOST_INLINE, OfRun, ReadOnly, ReadOnlyInline, administrates
from workflows.admin.showing import portal_address
from workflows.models import Comment, Decision, Grant, Requirement

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class DecisionInline(ReadOnlyInline):
    """Who answered a requirement."""

    model = Decision
    fields = ["action", "actor", "on_behalf_of", "channel", "closes", "revision", "feedback", "decided_at"]
    verbose_name_plural = f"decisions (the first {MOST_INLINE})"


@admin.register(Requirement)
class RequirementAdmin(OfRun):
    """What people are asked; they answer in the portal, to which each page leads."""

    list_display = [
        "step_name",
        "kind",
        "status",
        "priority",
        "risk",
        "run",
        "assignee",
        "opened_at",
        "due_at",
    ]
    list_filter = ["status", "kind", "run__workflow", "priority", "risk", "is_restricted"]
    list_select_related = ["run__workflow", "assignee"]
    search_fields = ["^id", "step_name", "message"]
    date_hierarchy = "opened_at"
    inlines = [DecisionInline]

    def view_on_site(self, requirement: Requirement) -> str | None:
        return portal_address("inbox:detail", requirement)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """Who answered what, when, and through which door."""

    list_display = ["requirement", "action", "actor", "on_behalf_of", "channel", "closes", "decided_at"]
    list_filter = ["action", "channel", "closes", "requirement__run__workflow"]
    list_select_related = ["requirement", "on_behalf_of"]
    search_fields = ["actor", "feedback", "requirement__step_name"]
    date_hierarchy = "decided_at"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "requirement__run__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Comment)
class CommentAdmin(OfRun):
    """What people said. A text can be erased, for what should not have been written; the log keeps that it was."""

    list_display = ["__str__", "author", "run", "created_at", "erased_at"]
    list_select_related = ["author", "run__workflow"]
    list_filter = [("erased_at", admin.EmptyFieldListFilter)]
    search_fields = ["text", "author__username"]
    date_hierarchy = "created_at"
    actions = ["erase_selected"]

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Who sees the action; the service checks it again."""
        return administrates(request)

    @admin.action(description="Erase the text of selected comments", permissions=["erase"])
    def erase_selected(self, request: HttpRequest, comments: QuerySet[Comment]) -> None:
        """Take the words away; that somebody said something, and who, stays."""
        actor = services.Actor.of(cast("User", request.user), "admin")
        erased = [
            services.erase_comment(comment_id, actor=actor)
            for comment_id in comments.values_list("id", flat=True)
        ]
        self.message_user(request, f"{len(erased)} erased.", messages.SUCCESS)


@admin.register(Grant)
class GrantAdmin(OfRun):
    """Whom the policies of requirements and runs name: written when it is asked, from the policy of then."""

    list_display = ["__str__", "decides", "requirement", "run"]
    list_select_related = ["requirement", "run__workflow"]
    list_filter = ["decides"]
    search_fields = ["group", "username"]
