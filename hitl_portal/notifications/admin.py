"""Django admin of notifications: what messages may say of a workflow can be changed; what was told is only looked at.

People's addresses and choices are theirs, and are not here.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from hitl_portal.notifications.models import Discretion, Dispatch
from workflows.admin import ForAdmins, ReadOnly, administrates


@admin.register(Discretion)
class DiscretionAdmin(ForAdmins):
    """How much leaves the portal, by workflow."""

    list_display = ["workflow", "detail"]
    list_filter = ["detail"]
    list_select_related = ["workflow"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrates(request) or super().has_delete_permission(request, obj)


@admin.register(Dispatch)
class DispatchAdmin(ReadOnly):
    """The outbox: what was sent, to whom, and what came of it; without what it said."""

    list_display = ["created_at", "person", "channel", "status", "reason", "next_try_at", "sent_at"]
    list_filter = ["status", "channel"]
    list_select_related = ["person"]
    date_hierarchy = "created_at"
    exclude = ["lease", "receipt"]
