"""The Django app that keeps and runs workflows."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from workflows import points, tracing


class WorkflowsConfig(AppConfig):
    """What happens, and how it is kept."""

    name = "workflows"
    verbose_name = "Workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Trace, and let a trial follow where this process is, where that is asked for."""
        tracing.start()
        hook = getattr(settings, "HITL_POINTS", "")
        if hook:
            points.tell(import_string(hook))
