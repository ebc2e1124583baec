"""The Django app of what all parts of the portal share."""

from django.apps import AppConfig
from django.core.checks import register


class PortalConfig(AppConfig):
    """Keys, and the security log."""

    name = "hitl_portal"

    def ready(self) -> None:
        """Look at the settings of keys at the start, and write down who gets in."""
        from hitl_portal import security_log  # here, because it needs models
        from hitl_portal.checks import readable_keys, readable_signing

        register(readable_keys)
        register(readable_signing)
        security_log.watch()
