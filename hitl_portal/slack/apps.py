"""The Django app of Slack."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlackConfig(AppConfig):
    """Cards in Slack, which close when somebody has decided."""

    name = "hitl_portal.slack"
    label = "slack"
    verbose_name = _("Slack")
