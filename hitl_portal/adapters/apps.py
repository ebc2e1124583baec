"""The Django app of the adapters to other frameworks' servers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdaptersConfig(AppConfig):
    """Which servers, and what waits there."""

    name = "hitl_portal.adapters"
    label = "adapters"
    verbose_name = _("Other frameworks")

    def ready(self) -> None:
        from hitl_portal.adapters.models import PURPOSE, Server
        from hitl_portal.resealing import keeps_in_field

        keeps_in_field(Server, "sealed", PURPOSE)
