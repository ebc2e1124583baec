"""Answer links in Django admin: whose there are; who deletes one takes it away from its person."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from hitl_portal.links.models import AnswerLink
from workflows.admin import ReadOnly, administrates


@admin.register(AnswerLink)
class AnswerLinkAdmin(ReadOnly):
    """None is made or changed here, and what opens it can be read nowhere."""

    list_display = ["person", "requirement", "revision", "issued_at", "expires_at", "decision"]
    list_filter = ["expires_at"]
    list_select_related = ["person", "requirement", "decision"]
    search_fields = ["person__username"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  Django names it
        return administrates(request)
