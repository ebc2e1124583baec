"""The Django app of the webhook sources."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HooksConfig(AppConfig):
    """Who may post, and what each may start."""

    name = "hitl_portal.hooks"
    label = "hooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        """Say where secrets are kept."""
        from hitl_portal.hooks.models import PAYLOAD, PURPOSE, Delivery, WebhookSecret
        from hitl_portal.resealing import keeps_in_field

        keeps_in_field(WebhookSecret, "sealed", PURPOSE)
        keeps_in_field(Delivery, "sealed_body", PAYLOAD)
