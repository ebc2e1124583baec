"""The Django app of the webhook sources."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HooksConfig(AppConfig):
    """Who may post, and what each may start."""

    name = "hitl_portal.hooks"
    label = "hooks"
    verbose_name = _("Webhooks")
