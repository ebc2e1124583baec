"""The Django app of the webhook sources."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    """Who may post, and what each may start."""

    name = "hitl_portal.hooks"
    label = "hooks"
    verbose_name = "Webhooks"
