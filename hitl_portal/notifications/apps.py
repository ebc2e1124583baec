"""The Django app of the notifications."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Who is told what, and how."""

    name = "hitl_portal.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from hitl_portal.live import personal
        from hitl_portal.notifications.checks import readable_settings
        from hitl_portal.notifications.models import PURPOSE, PUSH_PURPOSE, Address, Note, VapidKey
        from hitl_portal.resealing import keeps_in_field

        register(readable_settings)
        personal.watch_for("notes", Note.objects.standing)
        keeps_in_field(Address, "sealed", PURPOSE)
        keeps_in_field(VapidKey, "sealed", PUSH_PURPOSE)
