"""Requirements in Django admin: what people were asked, answered and said, and who may see it. All of it to look at;
what is decided is decided in the portal."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows import services
from workflows.admin.erasing import Erasing
from workflows.admin.rights import MOST_INLINE, OfRun, ReadOnly, ReadOnlyInline
from workflows.admin.showing import portal_address
from workflows.models import Comment, Decision, Grant, Requirement, Snooze


class DecisionInline(ReadOnlyInline):
    """Who answered a requirement."""

    model = Decision
    fields = ["action", "actor", "on_behalf_of", "channel", "closes", "revision", "feedback", "decided_at"]
    verbose_name_plural = format_lazy(_("decisions (the first {number})"), number=MOST_INLINE)


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
class DecisionAdmin(Erasing, ReadOnly):
    """Who answered what, when, and through which door. The words of it can be erased; that it was decided stays."""

    what_stays = "Who decided, when and which way stays, and so does what steps have made of it."

    list_display = ["requirement", "action", "actor", "on_behalf_of", "channel", "closes", "decided_at"]
    list_filter = ["action", "channel", "closes", "requirement__run__workflow"]
    list_select_related = ["requirement", "on_behalf_of"]
    search_fields = ["actor", "feedback", "requirement__step_name"]
    date_hierarchy = "decided_at"

    def named(self, row: Decision) -> str:
        return f"{row.actor}, {row.requirement.step_name}, {row.decided_at:%Y-%m-%d %H:%M}"

    def erase(self, row: Decision, actor: services.Actor) -> str:
        services.erase_words(row.pk, actor=actor)
        return "the words of this decision are erased"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "requirement__run__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Comment)
class CommentAdmin(Erasing, OfRun):
    """What people said. A text can be erased, for what should not have been written; the log keeps that it was."""

    list_display = ["__str__", "author", "run", "created_at", "erased_at"]
    list_select_related = ["author", "run__workflow"]
    list_filter = [("erased_at", admin.EmptyFieldListFilter)]
    search_fields = ["text", "author__username"]
    date_hierarchy = "created_at"
    what_stays = "Who said something, about what and when, stays."

    def named(self, row: Comment) -> str:
        return f"{row.author}, {row.created_at:%Y-%m-%d %H:%M}"

    def erase(self, row: Comment, actor: services.Actor) -> str:
        services.erase_comment(row.pk, actor=actor)
        return "this comment is erased"


@admin.register(Snooze)
class SnoozeAdmin(ReadOnly):
    """What people have put off, each for themselves: to find out why somebody does not see something."""

    list_display = ["person", "requirement", "until"]
    list_select_related = ["person", "requirement"]
    list_filter = ["until"]
    search_fields = ["person__username", "requirement__step_name"]
    date_hierarchy = "until"


@admin.register(Grant)
class GrantAdmin(OfRun):
    """Whom the policies of requirements and runs name: written when it is asked, from the policy of then."""

    list_display = ["__str__", "decides", "requirement", "run"]
    list_select_related = ["requirement", "run__workflow"]
    list_filter = ["decides"]
    search_fields = ["group", "username"]
