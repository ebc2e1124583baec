"""The Django app of live updates: who looks at what, for as long as they do."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    """Presence; what has happened is told from the event log."""

    name = "hitl_portal.live"
    label = "live"
    verbose_name = _("Live")

    def ready(self) -> None:
        """Tell other processes' pages of what this one commits, and sockets of who leaves."""
        from hitl_portal.live import doorbell, leaving  # here, because they import models

        doorbell.hang()
        leaving.watch()
