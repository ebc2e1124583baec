"""The Django app of the outgoing webhooks."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class OutboundConfig(AppConfig):
    """Who is told what happens."""

    name = "hitl_portal.outbound"
    label = "outbound"
    verbose_name = _("Outgoing webhooks")

    def ready(self) -> None:
        from hitl_portal.outbound.checks import readable_rules
        from hitl_portal.outbound.models import PURPOSE, EndpointSecret
        from hitl_portal.resealing import keeps_in_field

        register(readable_rules)
        keeps_in_field(EndpointSecret, "sealed", PURPOSE)
