"""The Django app that keeps and runs workflows."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """What happens, and how it is kept."""

    name = "workflows"
    verbose_name = "Workflows"
    default_auto_field = "django.db.models.BigAutoField"
