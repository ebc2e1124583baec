"""People and groups in Django admin, who is away, and what admins have done here.

Nobody is deleted: what they decided keeps their name; they are switched off instead. User names and the names of groups
stay as they are: policies name people by them. Only superusers touch superusers, and Django's own permissions.
"""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workflows import policy, services
from workflows.admin.erasing import Erasing
from workflows.admin.rights import ForAdmins, ReadOnly, administrates, never
from workflows.errors import NotEligible
from workflows.models import Delegation

if TYPE_CHECKING:
    People = UserAdmin[User]
else:
    People = UserAdmin

ALWAYS = (policy.REVIEWERS, policy.ADMINS)
MOST_MEMBERS = 200

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(Erasing, People):
    """Who may sign in, and in which groups they are. What somebody wrote can be erased, with all that they said."""

    what_stays = "All comments of theirs go, and the words of their decisions; their names stay with what they decided."

    list_display = [
        "username",
        "first_name",
        "last_name",
        "email",
        "in_groups",
        "is_active",
        "is_staff",
        "last_login",
    ]
    list_filter = ["groups", "is_active", "is_staff"]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    has_delete_permission = never
    actions = ["switch_off", "switch_on", "erase_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_theirs = obj is None or not obj.is_superuser or bool(cast("User", request.user).is_superuser)
        return is_theirs and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = ["username"] if obj is not None else []
        if not cast("User", request.user).is_superuser:
            fixed += ["is_superuser", "user_permissions"]
        return [*self.readonly_fields, *fixed]

    def erase(self, row: User, actor: services.Actor) -> str:
        gone = services.erase_words_of(row, actor=actor)
        said = f"{gone.comments} comments and the words of {gone.decisions} decisions are erased"
        return f"{said}; {gone.needed} stay until their runs have gone on with them" if gone.needed else said

    @admin.display(description=_("Groups"))
    def in_groups(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    @admin.action(description=_("Switch selected people off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """They are signed out, and their open votes count no more; never oneself."""
        self._switch(request, people.exclude(pk=cast("User", request.user).pk), on=False)

    @admin.action(description=_("Switch selected people on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """They may sign in again."""
        self._switch(request, people, on=True)

    def _switch(self, request: HttpRequest, people: QuerySet[User], *, on: bool) -> None:
        changed = 0
        for person in people.filter(is_active=not on):
            if self.has_change_permission(request, person):
                person.is_active = on
                person.save(update_fields=["is_active"])
                self.log_change(request, person, "Switched on." if on else "Switched off.")
                changed += 1
        self.message_user(request, f"{changed} changed.", messages.SUCCESS)


@admin.register(Group)
class CircleAdmin(ForAdmins, GroupAdmin):
    """Groups, as policies name them, with who is in them."""

    list_display = ["name", "members"]
    fields = ["name", "people"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(active=Count("user", filter=Q(user__is_active=True)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = administrates(request) or super().has_delete_permission(request, obj)
        return may and obj is not None and obj.name not in ALWAYS

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        more = ["permissions"] if cast("User", request.user).is_superuser else []
        return [*(["name", "people"] if obj else ["name"]), *more]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "people"] if obj else []

    @admin.display(description=_("Active members"), ordering="active")
    def members(self, group: Group) -> int:
        return int(getattr(group, "active", 0))

    @admin.display(description=_("Who is in it"))
    def people(self, group: Group) -> SafeString | str:
        """Changed on the pages of the people."""
        names = group.user_set.order_by("username").values_list("username")[:MOST_MEMBERS]
        return (
            format_html_join(", ", "{}", names) or "Nobody: what only this group may decide waits for ever."
        )


@admin.register(Delegation)
class DelegationAdmin(ReadOnly):
    """Who is away, and who decides for them. Entered in the portal; ended there or here, and kept when it is over."""

    list_display = ["person", "deputy", "starts_at", "ends_at", "state", "created_by"]
    list_select_related = ["person", "deputy"]
    list_filter = ["starts_at", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["person__username", "deputy__username", "note"]
    date_hierarchy = "starts_at"
    ordering = ["-starts_at"]
    actions = ["end_selected"]

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Who sees the action; the service checks it again."""
        return administrates(request)

    @admin.display(description=_("State"))
    def state(self, delegation: Delegation) -> str:
        now = timezone.now()
        if delegation.revoked_at is not None:
            return "ended early"
        if delegation.ends_at <= now:
            return "over"
        return "now" if delegation.starts_at <= now else "to come"

    @admin.action(description=_("End selected delegations now"), permissions=["end"])
    def end_selected(self, request: HttpRequest, delegations: QuerySet[Delegation]) -> None:
        """End each; what is over stays as it is."""
        actor = services.Actor.of(cast("User", request.user), "admin")
        lasting = delegations.filter(revoked_at=None, ends_at__gt=timezone.now())
        ended = 0
        for delegation_id in lasting.values_list("id", flat=True):
            try:
                services.revoke_delegation(delegation_id, actor=actor)
            except NotEligible as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                ended += 1
        self.message_user(request, f"{ended} ended.", messages.SUCCESS)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    """What was done in Django admin, by whom."""

    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag", "get_change_message"]
    list_select_related = ["user", "content_type"]
    list_filter = ["action_flag", "content_type"]
    search_fields = ["user__username", "object_repr"]
    date_hierarchy = "action_time"
