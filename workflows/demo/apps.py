"""The demo as an app of its own, so that its workflows are found the way everybody's are."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Workflows to look at, and three people."""

    name = "workflows.demo"
    label = "demo"
