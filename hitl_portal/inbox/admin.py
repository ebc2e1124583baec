"""Django admin of what the inbox keeps: saved views, and how people work."""

from django.contrib import admin

from hitl_portal.inbox.models import Preferences, SavedView
from workflows.admin import ForAdmins


@admin.register(SavedView)
class SavedViewAdmin(ForAdmins):
    """Views are made in the inbox; here they are found, shared or not, and removed."""

    list_display = ["name", "owner", "is_shared", "query", "created_at"]
    list_filter = ["is_shared"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username", "query"]
    readonly_fields = ["owner", "query", "created_at"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  Django names the parameter
        return False


@admin.register(Preferences)
class PreferencesAdmin(ForAdmins):
    """Read, to help somebody whose keys do not do what they expect."""

    list_display = ["person", "keys_on", "advance", "time_zone"]
    list_select_related = ["person"]
    search_fields = ["person__username"]
    readonly_fields = ["person", "keys_on", "keys", "advance", "time_zone"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  Django names the parameter
        return False
