"""The Django app of the API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """The tokens that programs show."""

    name = "hitl_portal.api"
    label = "api"
    verbose_name = _("API")
