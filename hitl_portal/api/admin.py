"""Django admin of API tokens: whose they are and when they were used; they can be revoked, never read or changed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hitl_portal.api.models import ApiToken
from workflows.admin import ReadOnly, administrates

SHOWN = ("name", "person", "begins", "scopes", "last_used_at", "expires_at", "revoked_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Only the beginning of a token is known, to tell one from another."""

    list_display = (*SHOWN,)
    list_filter = ["expires_at", "revoked_at"]
    list_select_related = ["person"]
    search_fields = ["name", "begins", "person__username"]
    fields = [*SHOWN, "created_at"]
    actions = ["revoke_selected"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether these may be ended: admins may."""
        return administrates(request)

    @admin.action(description=_("Revoke selected tokens"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        """They open nothing from now on; that they were stays."""
        count = tokens.count()
        for token in tokens:
            token.revoke()
        said = ngettext(
            "%(count)s token opens nothing any more.", "%(count)s tokens open nothing any more.", count
        )
        self.message_user(request, said % {"count": count})
