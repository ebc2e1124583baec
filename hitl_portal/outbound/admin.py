"""Django admin of outgoing webhooks: endpoints can be changed and switched; deliveries and tries only looked at."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hitl_portal.outbound.forms import EndpointForm
from hitl_portal.outbound.models import Delivery, Endpoint
from workflows.admin import ForAdmins, ReadOnly, administrates


@admin.register(Endpoint)
class EndpointAdmin(ForAdmins):
    """A new endpoint gets a secret, shown once; afterwards it can be renewed, never read."""

    form = EndpointForm
    list_display = ["name", "url", "enabled", "disabled_because", "created_at"]
    list_filter = ["enabled"]
    search_fields = ["name", "url"]
    readonly_fields = ["enabled", "disabled_because"]
    actions = ["renew_secrets", "switch_on", "switch_off"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administrates(request) or super().has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Endpoint, form: "ModelForm[Any]", change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self._tell_new_secret(request, obj)

    @admin.action(description=_("Give selected endpoints a new secret"), permissions=["change"])
    def renew_secrets(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        """The old ones sign along for a day."""
        for endpoint in endpoints:
            self._tell_new_secret(request, endpoint)

    @admin.action(description=_("Switch selected endpoints on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        """They are told of what happens from now on."""
        for endpoint in endpoints:
            endpoint.switch_on()
        self.message_user(request, gettext("They are told of what happens from now on."))

    @admin.action(description=_("Switch selected endpoints off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        """Nothing is sent to them."""
        for endpoint in endpoints:
            endpoint.switch_off()
        self.message_user(request, gettext("Nothing is sent to them."))

    def _tell_new_secret(self, request: HttpRequest, endpoint: Endpoint) -> None:
        said = gettext("The secret of %(name)s, shown this once: %(secret)s")
        told = said % {"name": endpoint.name, "secret": endpoint.renew_secret()}
        self.message_user(request, told, messages.WARNING)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """The outbox."""

    list_display = ["created_at", "type", "endpoint", "status", "tries", "next_try_at", "delivered_at"]
    list_filter = ["status", "type", "endpoint"]
    list_select_related = ["endpoint"]
    date_hierarchy = "created_at"
