"""Django admin of the webhook sources: made here too, with secrets that are shown once, in the answer itself."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hitl_portal.hooks.models import WebhookSource
from workflows.admin import ForAdmins, administrates


@admin.register(WebhookSource)
class WebhookSourceAdmin(ForAdmins):
    """A new source gets a secret; afterwards it can be renewed, never read. Its own page, "View on site", has more."""

    list_display = ["name", "signs", "workflow", "enabled", "max_bytes", "per_minute", "created_at"]
    list_filter = ["enabled", "signs", "workflow"]
    list_select_related = ["workflow"]
    search_fields = ["name"]
    filter_horizontal = ["others"]
    actions = ["renew_secrets"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookSource | None = None) -> list[str]:
        """Secrets of one kind of signature are none of another."""
        del request
        return [] if obj is None else ["signs"]

    def response_add(
        self, request: HttpRequest, obj: WebhookSource, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret here: a message would carry it through a cookie."""
        if obj.scheme.new_secret is None:
            return super().response_add(request, obj, post_url_continue)
        return self._shown(request, {obj.name: obj.add_secret()})

    @admin.action(description=gettext_lazy("Give selected sources a new secret"), permissions=["change"])
    def renew_secrets(self, request: HttpRequest, sources: QuerySet[WebhookSource]) -> HttpResponse:
        """The old secrets sign no longer. Those whose other side gives the secrets stay as they are."""
        own = [source for source in sources if source.scheme.new_secret is not None]
        return self._shown(request, {source.name: source.renew_secret() for source in own})

    def _shown(self, request: HttpRequest, secrets: dict[str, str]) -> HttpResponse:
        context: dict[str, Any] = self.admin_site.each_context(request)
        context |= {"title": _("New secrets"), "secrets": secrets, "opts": self.opts}
        return render(request, "hooks/admin_secrets.html", context)
