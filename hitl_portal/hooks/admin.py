"""Django admin of the webhook sources: made here, with secrets that are shown once."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hitl_portal.hooks.models import WebhookSource
from workflows.admin import ForAdmins, administrates


@admin.register(WebhookSource)
class WebhookSourceAdmin(ForAdmins):
    """A new source gets a secret; afterwards it can be renewed, never read."""

    list_display = ["name", "workflow", "enabled", "max_bytes", "created_at"]
    list_filter = ["enabled", "workflow"]
    list_select_related = ["workflow"]
    search_fields = ["name"]
    actions = ["renew_secrets"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def save_model(
        self, request: HttpRequest, obj: WebhookSource, form: "ModelForm[Any]", change: bool
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            self._save_with_new_secret(request, obj)

    @admin.action(description=_("Give selected sources a new secret"), permissions=["change"])
    def renew_secrets(self, request: HttpRequest, sources: QuerySet[WebhookSource]) -> None:
        """The old secrets sign no longer."""
        for source in sources:
            self._save_with_new_secret(request, source)

    def _save_with_new_secret(self, request: HttpRequest, source: WebhookSource) -> None:
        secret = source.renew_secret()
        source.save()
        text = f"The secret of {source.name}, shown this once: {secret}"
        self.message_user(request, text, messages.WARNING)
